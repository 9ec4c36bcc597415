using System.Diagnostics;
using OpenTelemetry;

namespace Orchestrator.Engine.Telemetry.Tracing;

/// <summary>
/// Spans of an HTTP client hold the address that was asked, path and all, and a task may put a secret there. The attempt says how its secrets are masked;
/// here it is done before a span of its requests is exported.
/// </summary>
internal sealed class SecretMarks : BaseProcessor<Activity>
{
    private const string Mask = "orchestrator.mask";
    private static readonly string[] Addresses = ["url.full", "url.path", "url.query"];

    /// <summary>From now on what hangs below the current span is masked so.</summary>
    public static void Set(Func<string, string> mask) => Activity.Current?.SetCustomProperty(Mask, mask);

    /// <inheritdoc/>
    public override void OnEnd(Activity data)
    {
        if (data.Source.Name != "System.Net.Http") return;
        for (var above = data.Parent; above is not null; above = above.Parent)
        {
            if (above.GetCustomProperty(Mask) is not Func<string, string> mask) continue;
            foreach (var name in Addresses)
                if (data.GetTagItem(name) is string address) data.SetTag(name, mask(address));
            if (data.StatusDescription is { } why) data.SetStatus(data.Status, mask(why));
            return;
        }
    }
}
