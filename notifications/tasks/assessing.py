"""What is told around assessment: to approvers, assessors and educators. One task a kind of entry."""
