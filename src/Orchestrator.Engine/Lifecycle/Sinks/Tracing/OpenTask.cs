using System.Diagnostics;
using Orchestrator.Core;

namespace Orchestrator.Engine.Lifecycle.Sinks.Tracing;

/// <summary>What is known of a task whose span is not made yet.</summary>
internal sealed class OpenTask
{
    /// <summary>Since when only a place is missing.</summary>
    public DateTimeOffset? Ready { get; set; }

    /// <summary>Start of the first attempt.</summary>
    public DateTimeOffset? First { get; set; }

    /// <summary>Start of the attempt in flight.</summary>
    public DateTimeOffset? Attempt { get; set; }

    public string? Executor { get; set; }

    public int? MaxAttempts { get; set; }

    /// <summary>Attempts lost with their worker so far: they do not use up <see cref="MaxAttempts"/>.</summary>
    public int Lost { get; set; }

    /// <summary>Seconds the task waited before the attempt in flight; null for the first.</summary>
    public double? Delay { get; set; }

    /// <summary>The last attempt that an event has closed: a cancel between two attempts names it again.</summary>
    public int Closed { get; set; }

    /// <summary>What it waits for.</summary>
    public WaitKind? Waits { get; set; }

    /// <summary>Whether anybody carries its attempts out: waits that a decision alone ends, and fan-outs, have none.</summary>
    public bool HasAttempts => Executor is not ("foreach" or "matrix" or "approval" or "wait") || Waits == WaitKind.Poll;

    public List<ActivityEvent> Moments { get; } = [];
}
