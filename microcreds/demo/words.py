"""What the demonstration's people write: long enough to fill an answer without saying anything twice."""

from __future__ import annotations

OVERVIEW = (
    "I teach twenty-six students between nine and eleven, five of them new to English, in a school where most families work shifts.",
    "I chose this because a handful of voices carried every lesson and the others had learned to wait.",
    "Before I changed anything I looked for a week: who spoke, who was asked, who left without having said a word.",
    "Nine names never appeared on my list, and six of them sit at the two tables farthest from the board.",
    "I asked those six in pairs what made it hard; two said that somebody always answers first, one that he needs the words beforehand.",
    "That pointed to my routine and not to their courage, so the routine is what I worked on.",
    "My plan was small on purpose: one change, three weeks, the same two lessons each week, and a tally I could keep while teaching.",
    "I told the class what I was trying and why, and sent the same two sentences home in the three languages our families read.",
    "What I tried first did not reach the table at the back, so I changed the order: writing alone, then a partner, then the group.",
    "A colleague sat in twice with my tally sheet, and we compared what each of us had counted before we talked about it.",
    "Where we disagreed, she had seen students I had my back to; since then I teach from the side of the room.",
    "In the second week I put four sentence starters on the wall, and took two of them down again because nobody used them.",
    "By the third week every table had spoken in both lessons, and seven of the nine had done so without being called on.",
    "Two students still waited, and for one of them writing to me afterwards is what worked; the reflection says more about her.",
    "All names in what I hand in are aliases, and faces and work were covered before I took the photos.",
)
REFLECTION = (
    "I used to fill every silence, and counting to ten showed me how much they had been about to say.",
    "The first recording was hard to watch, because in twelve minutes I spoke for eight.",
    "What changed was not that the quiet ones became loud but that the others began to wait for them.",
    "At 06:40 a student says that she agrees with the idea and not with the reason, and nobody turns to me to settle it.",
    "A year ago I would have praised her and closed the question; this time I wrote both reasons on the board and stayed out of it.",
    "One thing did not work: the partner talk grew longer than the task needed, and two pairs used it to rest.",
    "I now give them the end time before they begin, and I listen to the pair that finishes first.",
    "The tally told me more than my impression did, and it was wrong in one place, where I had counted a nod as an answer.",
    "The student I worried about most wrote me three lines every Friday, and the last of them is a question to the whole class.",
    "I read it out, without her name, and it carried the lesson.",
    "My colleague's notes made me see that I call on the left side of the room when I am in a hurry.",
    "Next month I will hand the closing question to a student and listen for whose idea changed whose.",
    "I will keep the tally for one lesson a week, because without it I would go back to remembering the best moments.",
    "If I did this again I would ask the students in the first week, and not in the second, what makes it hard.",
    "What I take with me is that the order in which people may speak is a decision, and that it was mine all along.",
)
NOTES = " ".join((*OVERVIEW[2:6], *OVERVIEW[8:11]))


def sentences(pool: tuple[str, ...], words: int, start: int) -> str:
    """Whole sentences of about `words` words, from `start` on."""
    said: list[str] = []
    for number in range(len(pool)):
        if sum(len(sentence.split()) for sentence in said) >= words:
            break
        said.append(pool[(start + number) % len(pool)])
    return " ".join(said)
