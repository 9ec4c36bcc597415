namespace Orchestrator.Engine.Running.Attempts;

/// <summary>Why an attempt is stopped from outside; a timeout is not among them, Polly owns that.</summary>
internal enum StopCause
{
    /// <summary>It was not stopped.</summary>
    None,

    /// <summary>The run ends.</summary>
    Cancel,

    /// <summary>This worker stops or no longer owns the run.</summary>
    Interrupt,
}
