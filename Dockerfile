# One image for web, worker and beat; the settings come from the environment.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MICROCREDS_HOME=/var/lib/microcreds
RUN useradd --system --home-dir /var/lib/microcreds --create-home microcreds \
    && mkdir -p /var/lib/microcreds/keys /var/lib/microcreds/incoming \
    && chown -R microcreds: /var/lib/microcreds
WORKDIR /srv/microcreds

COPY requirements.lock .
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock

COPY . .
# Only this step needs a secret made up on the spot: the hashed static files are part of the image.
RUN SECRET_KEY=for-collectstatic-only python manage.py collectstatic --no-input \
    && chmod -R a+rX /var/lib/microcreds/static

USER microcreds
EXPOSE 8000
CMD ["granian", "--interface=wsgi", "--host=0.0.0.0", "--port=8000", "--workers=2", "--blocking-threads=16", \
     "--respawn-failed-workers", "microcreds.wsgi:application"]
