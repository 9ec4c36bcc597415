using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using Orchestrator.Engine.Telemetry.Otlp;

namespace Orchestrator.Engine.Telemetry.Prometheus;

/// <summary>
/// This process's metrics on request, in the Prometheus format. It has a provider of its own: it works with or without OTLP export. Create it before
/// anything is measured.
/// </summary>
public sealed class MetricsScrape : IDisposable
{
    /// <summary>Content type of the text format.</summary>
    public const string TextType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Content type of OpenMetrics.</summary>
    public const string OpenMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private readonly PullExporter _exporter = new();
    private readonly MeterProvider _provider;
    private readonly Lock _one = new();

    /// <param name="options">Who this process is.</param>
    /// <param name="configuration">With the OTEL_* keys of the environment.</param>
    public MetricsScrape(TelemetryOptions options, IConfiguration configuration) => _provider = Sdk.CreateMeterProviderBuilder()
        .ConfigureServices(services => services.AddSingleton(configuration))
        .ConfigureResource(resource => TelemetryExport.Describe(resource, options))
        .AddOrchestratorMeters()
        .AddReader(new BaseExportingMetricReader(_exporter))
        .Build();

    /// <summary>All metrics as they are now, UTF-8. Askers are served one after the other: what a scrape costs does not grow with their number.</summary>
    public byte[] Collect(bool openMetrics)
    {
        lock (_one) return _exporter.Collect(openMetrics);
    }

    /// <inheritdoc/>
    public void Dispose() => _provider.Dispose();

    [ExportModes(ExportModes.Pull)]
    private sealed class PullExporter : BaseExporter<Metric>, IPullMetricExporter
    {
        private bool _openMetrics;
        private string _collected = "";

        Func<int, bool>? IPullMetricExporter.Collect { get; set; }

        public byte[] Collect(bool openMetrics)
        {
            _openMetrics = openMetrics;
            if (((IPullMetricExporter)this).Collect?.Invoke(Timeout.Infinite) is not true) throw new InvalidOperationException("The metrics could not be collected.");
            return Encoding.UTF8.GetBytes(_collected);
        }

        public override ExportResult Export(in Batch<Metric> batch)
        {
            var metrics = new List<Metric>();
            foreach (var metric in batch) metrics.Add(metric);
            var text = new ExpositionText(_openMetrics);
            text.Target(ParentProvider.GetResource().Attributes);
            foreach (var family in MetricFamily.Of(metrics)) text.Family(family);
            _collected = text.End();
            return ExportResult.Success;
        }
    }
}
