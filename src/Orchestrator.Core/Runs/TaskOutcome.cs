using System.Collections.Immutable;
using System.Text.Json;

namespace Orchestrator.Core.Runs;

/// <summary>How an attempt ended. Expected failure is a value: nothing past the executor boundary throws.</summary>
public abstract record TaskOutcome
{
    private TaskOutcome() { }

    /// <summary>The process, for kinds that have one.</summary>
    public ProcessFacts? Process { get; init; }

    /// <summary>The attempt's log, relative to the run's folder.</summary>
    public string? LogRef { get; init; }

    /// <summary>Results, of failures too; always complete here, wherever they are stored.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Outputs { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>Names of results that are secret, whose values are not among them.</summary>
    public ImmutableArray<string> SecretOutputs { get; init; } = [];

    /// <summary>Where results over 4 KiB were stored, relative to the run's folder.</summary>
    public string? OutputsFile { get; init; }

    /// <summary>Size of the results as JSON.</summary>
    public long OutputBytes { get; init; }

    /// <summary>The work was done.</summary>
    public sealed record Succeeded : TaskOutcome;

    /// <summary>The work failed.</summary>
    /// <param name="Kind">What kind of failure.</param>
    /// <param name="Message">One sentence without secrets.</param>
    /// <param name="Retryable">False for failures that repeating cannot mend.</param>
    public sealed record Failed(FailureKind Kind, string Message, bool Retryable = true) : TaskOutcome
    {
        /// <summary>The other side asked to be left alone for this long; null: it said nothing.</summary>
        public TimeSpan? RetryAfter { get; init; }

        /// <summary>The HTTP status that is the failure; null for others.</summary>
        public int? HttpStatus { get; init; }

        /// <summary>The SQLSTATE that is the failure; null for others.</summary>
        public string? SqlState { get; init; }

        /// <summary>Full name of the type of the exception that was the cause; null where none was.</summary>
        public string? ExceptionType { get; init; }

        /// <summary>The same, caused by an exception.</summary>
        public Failed By(Exception cause) => this with { ExceptionType = cause.GetType().ToString() };
    }

    /// <summary>The attempt was stopped because the run ends.</summary>
    public sealed record Cancelled : TaskOutcome;

    /// <summary>The attempt was stopped because this worker shuts down; it is repeated elsewhere.</summary>
    public sealed record Interrupted : TaskOutcome;
}
