# syntax=docker/dockerfile:1

# The program and a shell to run tasks with.
#   docker build -t orchestrator .
#   docker run --rm orchestrator run config/workflows/hello.yaml

FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
ARG TARGETARCH
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src src
COPY config config
# ReadyToRun: every `orchestrator run` starts in a fraction of the time.
RUN dotnet publish src/Orchestrator.Worker/Orchestrator.Worker.csproj -c Release --os linux -a "$TARGETARCH" \
    --self-contained false -p:PublishReadyToRun=true -o /app

# Not a chiseled image: `run` and `script` tasks need a shell and the tools people expect beside it, so an image without
# them would fail at the first workflow. Derive from this one to add the tools of your own tasks.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble
# Children of tasks that outlive their parent become children of process 1; tini reaps them and forwards signals.
RUN apt-get update \
    && apt-get install -y --no-install-recommends tini ca-certificates mawk \
    && rm -rf /var/lib/apt/lists/* \
    && mkdir /data && chown "$APP_UID:$APP_UID" /data \
    && ln -s /app/orchestrator /usr/local/bin/orchestrator
COPY --from=build /app /app
# The configuration is found relative to the working directory; mount your own workflows over config/workflows.
WORKDIR /srv/orchestrator
COPY config config

# Reachable from outside the container, so the API wants tokens: see deploy/README.md.
ENV Orchestrator__DataDirectory=/data \
    Orchestrator__Api__Url=http://0.0.0.0:8080 \
    Orchestrator__Api__TokenFile=/data/api-tokens

# Everything that must survive. The root file system may be read-only; /tmp must allow execution.
VOLUME /data
EXPOSE 8080
USER $APP_UID
# bash speaks HTTP well enough to ask, and the image needs no further tool for it.
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /healthz HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["tini", "--", "/app/orchestrator"]
CMD ["serve"]
