using System.Collections.Concurrent;
using Serilog.Core;
using Serilog.Extensions.Logging;

namespace Orchestrator.Worker.Logging;

/// <summary>
/// What of the log the exporter gets: what Serilog's levels let through, so that they hold for both; and nothing that the framework says of probes and scrapes, which come every few
/// seconds.
/// </summary>
internal sealed class ExportedLevels(Serilog.ILogger serilog)
{
    private static readonly HttpContextAccessor Request = new();
    private readonly ConcurrentDictionary<string, Serilog.ILogger> _categories = new(StringComparer.Ordinal);

    public bool Allow(string? category, LogLevel level)
    {
        if (level == LogLevel.None) return false;
        var name = category ?? "";
        var logger = _categories.GetOrAdd(name, static (source, all) => all.ForContext(Constants.SourceContextPropertyName, source), serilog);
        return logger.IsEnabled(LevelConvert.ToSerilogLevel(level))
            && !(level <= LogLevel.Information && name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) && TracedRequests.IsProbe(Request.HttpContext?.Request.Path.Value));
    }
}
