namespace Orchestrator.Worker.Hosting;

/// <summary>How far `serve` is: it answers /healthz from the first moment, and everything else from recovery to shutdown.</summary>
internal sealed class Readiness
{
    private volatile string? _reason = "starting: recovering runs";

    /// <summary>Why requests are not taken; null when they are.</summary>
    public string? Reason => _reason;

    public void Ready() => _reason = null;

    public void NotReady(string reason) => _reason = reason;
}
