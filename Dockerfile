# syntax=docker/dockerfile:1

# The program and a shell to run tasks with.
#   docker build -t orchestrator .
#   docker run --rm orchestrator run config/workflows/hello.yaml

# Compiled to native code on the platform it is for; the image has the linker and libraries that takes.
FROM mcr.microsoft.com/dotnet/sdk:10.0-noble-aot AS build
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src src
COPY config config
# The symbols are for gdb and perf and three times the size of the program: `docker build --target build` keeps them, in /symbols.
RUN dotnet publish src/Orchestrator.Worker/Orchestrator.Worker.csproj -c Release --use-current-runtime -o /app \
    && mkdir /symbols && mv /app/*.dbg /symbols/

# Not a chiseled image: `run` and `script` tasks need a shell and the tools people expect beside it, so an image without
# them would fail at the first workflow. Derive from this one to add the tools of your own tasks.
FROM mcr.microsoft.com/dotnet/runtime-deps:10.0-noble
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

# Everything that must survive; a new volume takes over the owner of the folder. The root file system may be read-only; /tmp must allow execution.
VOLUME /data
EXPOSE 8080
USER $APP_UID
# The program asks itself: no further tool is needed. It is healthy once recovery is done and requests are taken.
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=3 CMD ["/app/orchestrator", "health"]
ENTRYPOINT ["tini", "--", "/app/orchestrator"]
CMD ["serve"]
