# A session as a service: docker build -t alwidgets . && docker run -p 8000:8000 -v ./work:/data alwidgets
# The folder /data has the file that defines the session, its journal and the tokens.
FROM python:3.12-slim

COPY pyproject.toml hatch_build.py README.md LICENSE /src/
COPY alwidgets /src/alwidgets
RUN pip install --no-cache-dir "/src[serve,models,celery]" && rm -rf /src \
    && useradd --create-home --uid 1000 alwidgets \
    && mkdir /data && chown alwidgets /data

USER alwidgets
WORKDIR /data
VOLUME /data
EXPOSE 8000
# What a page needs to be found again after a restart lies beside the journal's folder, not in it.
ENV XDG_DATA_HOME=/data/.alwidgets PYTHONUNBUFFERED=1

HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["alwidgets"]
CMD ["serve", "session.py:session", "--host", "0.0.0.0", "--port", "8000", "--tokens", "tokens"]
