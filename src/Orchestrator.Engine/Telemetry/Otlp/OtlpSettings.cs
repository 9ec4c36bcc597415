using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Orchestrator.Engine.Telemetry.Otlp;

/// <summary>How what leaves is collected into requests.</summary>
/// <param name="Refused">Keys that the SDK reads itself and throws at, as they are.</param>
internal sealed record OtlpSettings(OtlpBatches Spans, OtlpBatches Records, int MetricInterval, int MetricTimeout, ImmutableArray<string> Refused)
{
    private const string Retry = "OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY";
    private const string RetryFolder = "OTEL_DOTNET_EXPERIMENTAL_OTLP_DISK_RETRY_DIRECTORY_PATH";
    private const string Temporality = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";

    // The SDK reads these where it makes an exporter and passes over what is no number.
    private static readonly string[] Limits =
    [
        "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_SPAN_EVENT_COUNT_LIMIT",
        "OTEL_SPAN_LINK_COUNT_LIMIT", "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT",
    ];

    public static OtlpSettings Read(OtelVariables variables)
    {
        foreach (var limit in Limits)
            if (variables.Text(limit) is { } text && !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                variables.Warn($"{OtelVariables.Shown(limit, text)} is not a whole number from 0; the default limit stays.");
        Attributes(variables);
        return new(
            OtlpBatches.Read(variables, "OTEL_BSP_"), OtlpBatches.Read(variables, "OTEL_BLRP_"),
            variables.Whole("OTEL_METRIC_EXPORT_INTERVAL", 60_000, least: 1), variables.Whole("OTEL_METRIC_EXPORT_TIMEOUT", 30_000, least: 1), [.. RefusedOf(variables)]);
    }

    /// <summary>Takes out of a host's configuration what the SDK would throw at.</summary>
    public IConfiguration Usable(IConfiguration configuration)
    {
        if (Refused.IsEmpty) return configuration;
        var without = Refused.Select(key => KeyValuePair.Create(key, (string?)null));
        if (configuration is IConfigurationManager manager)
        {
            manager.AddInMemoryCollection(without);
            return manager;
        }
        return new ConfigurationBuilder().AddConfiguration(configuration).AddInMemoryCollection(without).Build();
    }

    private static IEnumerable<string> RefusedOf(OtelVariables variables)
    {
        if (variables.Text(Temporality) is { } temporality && temporality.ToLowerInvariant() is not ("cumulative" or "delta"))
        {
            variables.Warn($"{OtelVariables.Shown(Temporality, temporality)} is not a known temporality; cumulative is used instead. Known: cumulative and delta.");
            yield return Temporality;
        }
        if (variables.Text(Retry) is not { } retry || retry == "in_memory") yield break;
        if (retry != "disk")
            variables.Warn($"{OtelVariables.Shown(Retry, retry)} is not a known way to retry; refused telemetry is lost. Known: in_memory and disk.");
        else if (variables.Text(RetryFolder) is not { } folder)
            yield break;
        else if (CanWrite(folder))
            yield break;
        else variables.Warn($"{OtelVariables.Shown(RetryFolder, folder)}: the folder cannot be written; refused telemetry is lost.");
        yield return Retry;
    }

    private static bool CanWrite(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            using var probe = new FileStream(Path.Combine(folder, Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    private static void Attributes(OtelVariables variables)
    {
        const string Name = "OTEL_RESOURCE_ATTRIBUTES";
        var place = 0;
        foreach (var entry in (variables.Text(Name) ?? "").Split(','))
        {
            place++;
            if (entry.AsSpan().IsWhiteSpace() || entry.IndexOf('=', StringComparison.Ordinal) is var at && at > 0 && entry.AsSpan(0, at).Trim().Length > 0) continue;
            variables.Warn(string.Create(CultureInfo.InvariantCulture, $"{Name}: entry {place} is not NAME=VALUE; it is left out, the others are used."));
        }
    }
}

/// <summary>How spans or log records wait and are sent.</summary>
internal sealed record OtlpBatches(int Queue, int Delay, int Timeout, int Batch)
{
    // The SDK's default of 2,048 loses half the spans of a burst of short tasks.
    private const int DefaultQueue = 32_768;
    private const int MaxQueue = 1_000_000;
    private const int DefaultBatch = 512;

    public static OtlpBatches Read(OtelVariables variables, string prefix)
    {
        var queue = variables.Whole(prefix + "MAX_QUEUE_SIZE", DefaultQueue, 1, MaxQueue);
        var batch = variables.Whole(prefix + "MAX_EXPORT_BATCH_SIZE", Math.Min(DefaultBatch, queue), 1);
        if (batch > queue)
        {
            variables.Warn(string.Create(CultureInfo.InvariantCulture, $"{prefix}MAX_EXPORT_BATCH_SIZE={batch} is larger than the queue; {queue} is used instead."));
            batch = queue;
        }
        return new(queue, variables.Whole(prefix + "SCHEDULE_DELAY", 5000, 1), variables.Whole(prefix + "EXPORT_TIMEOUT", 30_000, 1), batch);
    }
}
