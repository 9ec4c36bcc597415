using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Engine.Telemetry;
using Orchestrator.Engine.Telemetry.Otlp;
using Orchestrator.TestKit.Telemetry;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Telemetry;

[Collection(TelemetryCollection.Name)]
public sealed class TelemetryHostTests
{
    [Fact]
    public async Task A_host_exports_to_its_configured_endpoint_and_flushes_when_it_stops()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(receiver.Variables.Select(p => KeyValuePair.Create(p.Key, (string?)p.Value)));
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create("OTEL_RESOURCE_ATTRIBUTES", (string?)"service.name=etl,deployment.environment.name=test")]);
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create("OTEL_EXPORTER_OTLP_COMPRESSION", (string?)"gzip")]);
        builder.Services.AddOrchestratorTelemetry(builder.Configuration).AddOrchestratorTelemetry(builder.Configuration);
        builder.Services.AddSingleton(sp => new LifecyclePublisher(
            new(), EventProducer.Unknown, TimeProvider.System, sp.GetRequiredService<ILoggerFactory>()));
        var run = new RunScript("hosted", null, RunScript.Task("a"));
        using (var host = builder.Build())
        {
            await host.StartAsync();
            await using (var publisher = host.Services.GetRequiredService<LifecyclePublisher>())
            {
                publisher.Publish(run.Begin());
                publisher.Publish(run.Completed(1));
                await publisher.FlushAsync(CancellationToken.None);
            }
            await host.StopAsync();
        }
        var root = receiver.Spans.Single(s => s.TraceId == run.Id.Hex && s.Name == "RUN hosted");
        root.Resource.Text("service.name").ShouldBe("etl", "the environment wins");
        root.Resource.Text("deployment.environment.name").ShouldBe("test");
        root.Resource.Text("telemetry.sdk.language").ShouldBe("dotnet");
        receiver.Logs.Count(l => l.EventName == "orchestrator.workflow.completed").ShouldBe(1, "never double");
        receiver.Points.ShouldContain(p => p.Metric == "cicd.pipeline.run.duration" && p.Attributes.Text("cicd.pipeline.name") == "hosted");
    }

    [Fact]
    public async Task A_host_without_an_endpoint_starts_and_stops_without_exporting()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddOrchestratorTelemetry(builder.Configuration);
        using var host = builder.Build();
        await host.StartAsync();
        host.Services.GetService<OpenTelemetry.Trace.TracerProvider>().ShouldBeNull();
        await host.StopAsync();
    }
}
