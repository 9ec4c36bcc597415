using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OpenTelemetry.Instrumentation.AspNetCore;
using Orchestrator.AspNetCore;
using Orchestrator.AspNetCore.Access;
using Orchestrator.AspNetCore.Requests;
using Orchestrator.Engine.Hosting;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Telemetry.Otlp;
using Orchestrator.Engine.Telemetry.Prometheus;
using Orchestrator.Worker.Logging;
using Orchestrator.Worker.Options;
using Serilog;

namespace Orchestrator.Worker.Hosting;

/// <summary>The web application of `serve`: logs, telemetry, schedules, the API on an address and on the local socket.</summary>
internal static class ServeApplication
{
    public static WebApplication Build(Settings settings, NodeSetup setup, IRunStore store, string socket, OneLook? look, Readiness readiness, TextWriter logs)
    {
        var options = settings.Options;
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "orchestrator", ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddConfiguration(settings.Configuration);
        SerilogLogging.AddTo(builder.Services, builder.Logging, settings.Configuration, logs, isQuiet: look is not null);
        var telemetry = new TelemetryOptions { ServiceVersion = setup.Identity.Version, InstanceId = setup.Identity.InstanceId, RecordsChanges = true };
        builder.Services.AddOrchestratorTelemetry(builder.Configuration, telemetry).Configure<AspNetCoreTraceInstrumentationOptions>(TracedRequests.Configure);
        if (options.Telemetry.IsScraped(OtlpSignals.From(settings.Configuration))) builder.Services.AddSingleton(_ => new MetricsScrape(telemetry, settings.Configuration));
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(15));

        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(store);
        builder.Services.AddNode(_ => setup, new() { LooksWhenTold = look is not null });
        builder.Services.AddRoutingCore();
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options.Api, look is not { Listens: false }, socket));

        var app = builder.Build();
        app.UseSerilogRequestLogging(o => RequestLog.Configure(o, app.Services));
        // Made here and not at the first scrape: what was measured before a provider exists is in no metric.
        var scrape = app.Services.GetService<MetricsScrape>();
        var site = Site(options, app.Services, readiness, look);
        site.Use(app);
        site.Map(app, "", new(Health: true, Metrics: true, OpenApi: true, scrape));
        return app;
    }

    private static ApiSite Site(OrchestratorOptions options, IServiceProvider services, Readiness readiness, OneLook? look)
    {
        var rules = new AccessRules
        {
            Hosts = new([options.Api.Url.Host, .. options.Api.AllowedHosts], options.PublicUrl), HostsSetting = "Orchestrator:Api:AllowedHosts",
            Tokens = options.Api.TokenFile is { } file ? TokenList.Read(file) : null,
        };
        var guards = new Guards(rules, () => readiness.Reason, services.GetRequiredService<StorageHealth>(), services.GetRequiredService<ILogger<Guards>>());
        return new(ApiNode.Of(services, () => readiness.Reason, look is null ? null : look.AskAsync), guards, maxBody: null);
    }

    private static void Listen(KestrelServerOptions kestrel, ApiOptions options, bool isServed, string socket)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
        kestrel.Limits.MaxConcurrentConnections = 1000;
        if (isServed) Listen(kestrel, options);
        kestrel.ListenUnixSocket(socket, listen => listen.Use(next => connection =>
        {
            connection.Features.Set(new LocalConnection());
            return next(connection);
        }));
    }

    private static void Listen(KestrelServerOptions kestrel, ApiOptions api)
    {
        if (api.Url.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6) kestrel.Listen(IPAddress.Parse(api.Url.Host), api.Url.Port);
        else if (api.Url.Host == "localhost" && api.Url.Port != 0) kestrel.ListenLocalhost(api.Url.Port);
        else if (api.Url.Host == "localhost") kestrel.Listen(IPAddress.Loopback, 0);
        else kestrel.ListenAnyIP(api.Url.Port);
    }
}
