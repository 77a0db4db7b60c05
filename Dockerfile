# One image for nights, desk and Airflow, so that the DAGs and the code they call never differ in version.
# Packages come from wherever pip is configured to take them: no host is named here. Give the build its own
# configuration with  --secret id=pip,src=pip.conf  where the default does not do.
FROM python:3.12-slim AS build
WORKDIR /build
RUN python -m venv /usr/local/lib/crossmatch
COPY requirements.lock ./
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    /usr/local/lib/crossmatch/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY dags dags
COPY pipelines pipelines
COPY matchers matchers
COPY expectations expectations
COPY sql sql
RUN /usr/local/lib/crossmatch/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12-slim
RUN useradd --uid 10001 --create-home --home-dir /srv/crossmatch --shell /usr/sbin/nologin crossmatch \
    && install -d -o crossmatch -g crossmatch -m 0750 \
       /srv/crossmatch/inbox /srv/crossmatch/history /srv/crossmatch/store /srv/crossmatch/reports \
       /srv/crossmatch/airflow /srv/crossmatch/desk
COPY --from=build /usr/local/lib/crossmatch /usr/local/lib/crossmatch
ENV PATH=/usr/local/lib/crossmatch/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TZ=Asia/Shanghai \
    AIRFLOW_HOME=/srv/crossmatch/airflow \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__CORE__DEFAULT_TIMEZONE=Asia/Shanghai
WORKDIR /srv/crossmatch
USER 10001:10001
ENTRYPOINT ["crossmatch"]
CMD ["--help"]
