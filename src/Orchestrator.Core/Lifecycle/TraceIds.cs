using System.Security.Cryptography;
using System.Text;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Lifecycle;

/// <summary>
/// Span ids are derived, so that a run which survives a crash is still one trace and a rebuild gives the same ids:
/// the first 8 bytes of SHA-256(run_id | kind | task | attempt). The trace id is the run id's 128 bits unless the
/// caller brought a trace of its own.
/// </summary>
public static class TraceIds
{
    /// <summary>Span of the acceptance of a run.</summary>
    public const string Enqueue = "enqueue";
    /// <summary>Span of the run.</summary>
    public const string Run = "run";
    /// <summary>Span of a wait for a place.</summary>
    public const string Queue = "queue";
    /// <summary>Span of a declared stage; its name stands in place of the task.</summary>
    public const string Stage = "stage";
    /// <summary>Span of a task.</summary>
    public const string Task = "task";
    /// <summary>Span of an attempt.</summary>
    public const string Attempt = "attempt";
    /// <summary>Span of an attempt's process.</summary>
    public const string Process = "process";

    /// <summary>32 lower-case hex digits: the caller's trace if it brought a valid one, else the run's own.</summary>
    public static string TraceId(RunId run, TraceStamp? inbound) =>
        TraceContexts.TryRead(inbound, out var caller) ? caller.TraceId.ToHexString() : run.Hex;

    /// <summary>16 lower-case hex digits; never all zero.</summary>
    public static string SpanId(RunId run, string kind, string task = "", int attempt = 0)
    {
        var text = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{run}|{kind}|{task}|{attempt}");
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        if (hash[..8].IndexOfAnyExcept((byte)0) < 0) hash[7] = 1;   // the all-zero id is invalid (W3C Trace Context 2.2.2.4)
        return Convert.ToHexStringLower(hash[..8]);
    }
}
