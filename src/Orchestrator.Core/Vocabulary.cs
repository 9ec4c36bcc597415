using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Core;

/// <summary>State of a run. Completed, Failed and Cancelled are terminal and immutable.</summary>
[JsonConverter(typeof(WordJson<RunStatus>))]
public enum RunStatus
{
    /// <summary>Accepted and journaled, not yet queued.</summary>
    Pending,
    /// <summary>Waiting for a place among the running runs.</summary>
    Queued,
    /// <summary>Owned by a worker.</summary>
    Running,
    /// <summary>Every unfinished task waits for approval, time or an event.</summary>
    Paused,
    /// <summary>All tasks are terminal and none failed, allowed failures aside.</summary>
    Completed,
    /// <summary>A task failed, the run timed out, or the engine failed it.</summary>
    Failed,
    /// <summary>Stopped on request.</summary>
    Cancelled,
}

/// <summary>Why what is due changes.</summary>
[JsonConverter(typeof(WordJson<ScheduleChange>))]
public enum ScheduleChange
{
    /// <summary>The schedule is in force for the first time, or again.</summary>
    Enabled,
    /// <summary>Its terms are others.</summary>
    Changed,
    /// <summary>It is switched off.</summary>
    Disabled,
    /// <summary>Its definition is gone.</summary>
    Removed,
    /// <summary>The clock was ahead and is right again: what it ran through is waited for once more.</summary>
    Rearmed,
    /// <summary>Nothing changed: its terms are recorded again, so that old entries may be removed.</summary>
    Restated,
}

/// <summary>State of a task. Completed, Failed, Skipped and Cancelled are terminal.</summary>
[JsonConverter(typeof(WordJson<TaskStatus>))]
public enum TaskStatus
{
    /// <summary>Not started: dependencies, gates or a slot are missing.</summary>
    Pending,
    /// <summary>An attempt is in flight.</summary>
    Running,
    /// <summary>Waiting for the delay before the next attempt; holds no slot.</summary>
    Retrying,
    /// <summary>An attempt succeeded.</summary>
    Completed,
    /// <summary>The last attempt failed, or a gate could not be evaluated.</summary>
    Failed,
    /// <summary>A gate said no.</summary>
    Skipped,
    /// <summary>Stopped or never started because the run is ending.</summary>
    Cancelled,
}

/// <summary>Why a task was skipped.</summary>
[JsonConverter(typeof(WordJson<SkipReason>))]
public enum SkipReason
{
    /// <summary>Its `if` is false.</summary>
    Condition,
    /// <summary>A dependency failed, or was skipped because one before it failed.</summary>
    DependencyFailed,
    /// <summary>A dependency was skipped.</summary>
    DependencySkipped,
    /// <summary>The task is switched off.</summary>
    Disabled,
    /// <summary>Configuration asks for the skip.</summary>
    Configured,
}

/// <summary>Why a task or run was cancelled.</summary>
[JsonConverter(typeof(WordJson<CancelReason>))]
public enum CancelReason
{
    /// <summary>Another task failed and the workflow fails fast.</summary>
    FailFast,
    /// <summary>A user cancelled the run.</summary>
    RunCancelled,
    /// <summary>The run's own timeout passed.</summary>
    RunTimeout,
    /// <summary>A newer run took its place.</summary>
    Superseded,
}

/// <summary>The closed list of what a failure can be; also OpenTelemetry's error.type.</summary>
[JsonConverter(typeof(WordJson<FailureKind>))]
public enum FailureKind
{
    /// <summary>A failure without a more exact kind.</summary>
    Error,
    /// <summary>The process ended with an exit code other than 0.</summary>
    ExitCode,
    /// <summary>A signal ended the process.</summary>
    Signal,
    /// <summary>The attempt or run took longer than allowed.</summary>
    Timeout,
    /// <summary>The process could not be started.</summary>
    SpawnError,
    /// <summary>The executor threw: our fault, or a delegate's unhandled exception.</summary>
    Panic,
    /// <summary>The outputs are larger than allowed.</summary>
    OutputLimit,
    /// <summary>The task's `if` could not be evaluated.</summary>
    ConditionError,
    /// <summary>The worker died or stopped while the attempt ran.</summary>
    WorkerLost,
    /// <summary>No delegate of that name is registered.</summary>
    DelegateMissing,
    /// <summary>An output holds a known secret.</summary>
    SecretInOutput,
    /// <summary>An HTTP answer outside the expected ones.</summary>
    HttpStatus,
    /// <summary>The database refused a statement.</summary>
    SqlError,
    /// <summary>An approval was not given in time.</summary>
    Expired,
    /// <summary>An approval was refused.</summary>
    Rejected,
    /// <summary>A secret result of another task was lost with the process that held it, and running that task again did not bring it back.</summary>
    SecretLost,
}

/// <summary>How a task ended: the five numbers that add up to the total of a run.</summary>
[JsonConverter(typeof(WordJson<TaskFate>))]
public enum TaskFate
{
    /// <summary>It succeeded.</summary>
    Completed,
    /// <summary>It failed.</summary>
    Failed,
    /// <summary>It failed and was allowed to.</summary>
    FailedAllowed,
    /// <summary>A gate said no.</summary>
    Skipped,
    /// <summary>It was stopped, or never started because the run ended.</summary>
    Cancelled,
}

/// <summary>Why an attempt was lost.</summary>
[JsonConverter(typeof(WordJson<LossCause>))]
public enum LossCause
{
    /// <summary>Its worker stopped and closed the attempt itself.</summary>
    WorkerStopped,
    /// <summary>Its worker is gone: another one closed the attempt when it took the run over.</summary>
    WorkerGone,
}

/// <summary>Why no other attempt follows although some were left.</summary>
[JsonConverter(typeof(WordJson<NoRetryReason>))]
public enum NoRetryReason
{
    /// <summary>The executor says that repeating cannot help, or the task's retry policy does not cover this failure.</summary>
    NotRetryable,
    /// <summary>The run, or the fan-out of the task, is ending.</summary>
    RunEnding,
    /// <summary>The attempt was lost and the task is not idempotent.</summary>
    NotIdempotent,
    /// <summary>The attempt was lost and `max_worker_losses` is used up.</summary>
    LossLimit,
}

/// <summary>Why a due time is overdue.</summary>
[JsonConverter(typeof(WordJson<OverdueReason>))]
public enum OverdueReason
{
    /// <summary>It has no entry in its schedule's ledger.</summary>
    NoEntry,
    /// <summary>No run had completed by the schedule's `expected_by`.</summary>
    NotCompleted,
}

/// <summary>What a task waits for that holds no slot.</summary>
[JsonConverter(typeof(WordJson<WaitKind>))]
public enum WaitKind
{
    /// <summary>An instant.</summary>
    Time,
    /// <summary>An event from outside.</summary>
    Event,
    /// <summary>A check that has to succeed.</summary>
    Poll,
    /// <summary>An answer by people.</summary>
    Approval,
    /// <summary>A run of another workflow.</summary>
    Workflow,
    /// <summary>The children of its fan-out.</summary>
    Items,
}

/// <summary>Which part is to blame for a failed run (the four operator questions).</summary>
[JsonConverter(typeof(WordJson<ErrorClass>))]
public enum ErrorClass
{
    /// <summary>User work failed.</summary>
    Task,
    /// <summary>Something could not be stored.</summary>
    Persistence,
    /// <summary>An invalid state change was refused.</summary>
    Transition,
    /// <summary>A time limit passed.</summary>
    Timeout,
    /// <summary>A fault of the engine.</summary>
    Internal,
}

/// <summary>When a task may start, given its terminal dependencies.</summary>
[JsonConverter(typeof(WordJson<RunWhen>))]
public enum RunWhen
{
    /// <summary>Every dependency succeeded (the default).</summary>
    AllSuccess,
    /// <summary>No dependency failed or was cancelled; skipped ones are fine.</summary>
    NoneFailed,
    /// <summary>No dependency was skipped.</summary>
    NoneSkipped,
    /// <summary>At least one dependency succeeded.</summary>
    OneSuccess,
    /// <summary>At least one dependency failed.</summary>
    OneFailed,
    /// <summary>All dependencies are terminal, whatever their outcome.</summary>
    AllDone,
}

/// <summary>What happens to running siblings when a workflow fails fast.</summary>
[JsonConverter(typeof(WordJson<OnFailFast>))]
public enum OnFailFast
{
    /// <summary>They finish (the default).</summary>
    Drain,
    /// <summary>They are cancelled.</summary>
    Cancel,
}

/// <summary>What asked for a run.</summary>
[JsonConverter(typeof(WordJson<TriggerKind>))]
public enum TriggerKind
{
    /// <summary>A person at the command line.</summary>
    Manual,
    /// <summary>A schedule's due time.</summary>
    Schedule,
    /// <summary>The HTTP API.</summary>
    Api,
    /// <summary>A retry of an earlier run.</summary>
    Retry,
    /// <summary>A task of another run.</summary>
    Workflow,
    /// <summary>A trigger of the workflow.</summary>
    Trigger,
    /// <summary>An item of a backfill.</summary>
    Backfill,
}

/// <summary>Where a trigger's delivery came from.</summary>
[JsonConverter(typeof(WordJson<TriggerSource>))]
public enum TriggerSource
{
    /// <summary>A request.</summary>
    Http,
    /// <summary>The end of another workflow's run.</summary>
    Workflow,
    /// <summary>An event.</summary>
    Event,
    /// <summary>A file.</summary>
    Files,
}

/// <summary>Which items of a backfill come first.</summary>
[JsonConverter(typeof(WordJson<BackfillOrder>))]
public enum BackfillOrder
{
    /// <summary>The oldest (the default).</summary>
    Oldest,
    /// <summary>The newest.</summary>
    Newest,
}

/// <summary>How an item of a backfill ended.</summary>
[JsonConverter(typeof(WordJson<BackfillOutcome>))]
public enum BackfillOutcome
{
    /// <summary>Its run completed.</summary>
    Completed,
    /// <summary>Its run failed, and so did every run that repeated it.</summary>
    Failed,
    /// <summary>Its run was cancelled, or was never accepted because the backfill was cancelled.</summary>
    Cancelled,
    /// <summary>Its run was refused for ever.</summary>
    Refused,
    /// <summary>Its run was removed before its end was seen.</summary>
    Unknown,
}

/// <summary>State of a backfill. Completed, Failed and Cancelled are terminal.</summary>
[JsonConverter(typeof(WordJson<BackfillStatus>))]
public enum BackfillStatus
{
    /// <summary>Items are open or have not started.</summary>
    Running,
    /// <summary>It was cancelled and waits for its open runs.</summary>
    Cancelling,
    /// <summary>The run of every item completed.</summary>
    Completed,
    /// <summary>All items have ended, and at least one did not complete.</summary>
    Failed,
    /// <summary>It was cancelled before all items had ended.</summary>
    Cancelled,
}

/// <summary>
/// Spells enumerations as lower snake_case, the one spelling used in JSON, expressions and on the command line; <c>Plus</c> within a name is <c>+</c>.
/// </summary>
public static class Words
{
    /// <summary>The lower snake_case word of <paramref name="value"/>, for example <c>dependency_failed</c>.</summary>
    public static string Of<TEnum>(TEnum value) where TEnum : struct, Enum => Table<TEnum>.Words[Number(value)];

    /// <summary>All words of an enumeration, in declaration order.</summary>
    public static IReadOnlyList<string> All<TEnum>() where TEnum : struct, Enum => Table<TEnum>.Words;

    /// <summary>Reads a word; false when the enumeration has no such word.</summary>
    public static bool TryParse<TEnum>(string? word, out TEnum value) where TEnum : struct, Enum
    {
        var number = word is null ? -1 : Array.IndexOf(Table<TEnum>.Words, word);
        value = default;
        if (number < 0) return false;
        Unsafe.As<TEnum, int>(ref value) = number;
        return true;
    }

    private static int Number<TEnum>(TEnum value) where TEnum : struct, Enum => Unsafe.As<TEnum, int>(ref value);

    // Enumerations here count from 0 without holes, so a word's place is its value. Dictionaries by value or the generic methods of
    // Enum would be compiled for each enumeration at every start of the program.
    private static class Table<TEnum> where TEnum : struct, Enum
    {
        public static readonly string[] Words = Spell(typeof(TEnum));
    }

    private static string[] Spell(Type type)
    {
        var names = Enum.GetNames(type);
        var values = Enum.GetValuesAsUnderlyingType(type) as int[];
        for (var i = 0; i < names.Length; i++)
        {
            if (values?[i] != i) throw new NotSupportedException($"{type.Name} does not count from 0 without holes in 32 bits.");
            names[i] = Spelling.Instance.ConvertName(names[i]);
        }
        return names;
    }
}

/// <summary>Reads and writes an enumeration as its word.</summary>
internal sealed class WordJson<TEnum>() : JsonStringEnumConverter<TEnum>(Spelling.Instance, allowIntegerValues: false)
    where TEnum : struct, Enum;

/// <summary>From the name of a value to its word.</summary>
internal sealed class Spelling : JsonNamingPolicy
{
    public static readonly Spelling Instance = new();

    public override string ConvertName(string name) => SnakeCaseLower.ConvertName(name).Replace("_plus_", "+", StringComparison.Ordinal);
}
