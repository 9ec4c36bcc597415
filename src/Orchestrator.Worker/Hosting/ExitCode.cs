namespace Orchestrator.Worker.Hosting;

/// <summary>What the program's exit code says.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>The run or the check failed.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage, configuration or definition.</summary>
    public const int Usage = 2;

    public const int Cancelled = 3;

    public const int NotFound = 4;

    /// <summary>The data directory or the server cannot be used now, or the run was interrupted and can be resumed.</summary>
    public const int Unavailable = 5;

    /// <summary>The code as a word, for the log.</summary>
    public static string WordOf(int code) => code switch
    {
        Ok => "ok", Failed => "failed", Usage => "usage", Cancelled => "cancelled", NotFound => "not_found", Unavailable => "unavailable", _ => "error",
    };
}
