using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Running.Mail;

/// <summary>An answer or event for a run, as one process leaves it for another.</summary>
internal sealed record MailItem
{
    /// <summary>approve, reject or signal.</summary>
    public required string Kind { get; init; }

    /// <summary>The task that asks; null for an event.</summary>
    public string? Task { get; init; }

    /// <summary>The event's name; null for an answer.</summary>
    public string? Event { get; init; }

    /// <summary>Who answers.</summary>
    public required string By { get; init; }

    /// <summary>What they say.</summary>
    public string? Comment { get; init; }

    /// <summary>Values entered, already checked, or the event's data.</summary>
    public Dictionary<string, JsonElement> Values { get; init; } = [];

    /// <exception cref="FormatException">It is none.</exception>
    public RunInput ToInput() => Kind switch
    {
        "approve" when TaskId.IsValid(Task) => new RunInput.Approve(new(Task!), By, Comment, Sorted),
        "reject" when TaskId.IsValid(Task) => new RunInput.Reject(new(Task!), By, Comment),
        "signal" when Event is { Length: > 0 } => new RunInput.Signal(Event, Sorted),
        _ => throw new FormatException($"'{Kind}' is no answer."),
    };

    private System.Collections.Immutable.ImmutableSortedDictionary<string, JsonElement> Sorted =>
        System.Collections.Immutable.ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, Values);
}

/// <summary>What became of a mail item: accepted, or the code and sentence of a refusal.</summary>
internal sealed record MailAnswer(string? Code, string? Message);

[JsonSourceGenerationOptions(MaxDepth = JsonBounds.MaxStoredDepth, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MailItem))]
[JsonSerializable(typeof(MailAnswer))]
internal sealed partial class MailJson : JsonSerializerContext;

/// <summary>
/// How answers reach a run that a process without an API carries out: mail to the run, looked for every half second. An item
/// outlives its reader: a run that is resumed later finds what was left for it.
/// </summary>
internal sealed class AnswerMailbox(IRunMail mail, RunId run)
{
    private const long LongestItem = 1024 * 1024;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AnswerInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Leaves an item and waits for what becomes of it; null when nobody looked in time: the item stays.</summary>
    public async Task<MailAnswer?> LeaveAsync(MailItem item, TimeSpan patience, TimeProvider clock, CancellationToken stop)
    {
        var name = mail.Leave(run, JsonSerializer.SerializeToUtf8Bytes(item, MailJson.Default.MailItem), clock.GetUtcNow());
        var began = clock.GetTimestamp();
        while (clock.GetElapsedTime(began) < patience)
        {
            if (mail.TakeAnswer(run, name) is { } text) return JsonSerializer.Deserialize(text, MailJson.Default.MailAnswer);
            await Task.Delay(AnswerInterval, clock, stop).ConfigureAwait(false);
        }
        return null;
    }

    /// <summary>Hands items to the run as they come, until <paramref name="stop"/> fires.</summary>
    public async Task ServeAsync(RunEngine engine, TimeProvider clock, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        using var ending = stop.UnsafeRegister(static t => ((PeriodicTimer)t!).Dispose(), timer);
        do await DeliverAsync(engine, stop).ConfigureAwait(false);
        while (await timer.WaitForNextTickAsync(CancellationToken.None).ConfigureAwait(false));
    }

    /// <summary>Hands over what lies there now.</summary>
    public async Task DeliverAsync(RunEngine engine, CancellationToken stop)
    {
        foreach (var name in mail.Items(run))
        {
            var answer = await HandOverAsync(engine, name, stop).ConfigureAwait(false);
            if (answer is null) return;   // the run is not open here now: somebody else will look
            mail.Answer(run, name, JsonSerializer.SerializeToUtf8Bytes(answer, MailJson.Default.MailAnswer));
        }
    }

    private async Task<MailAnswer?> HandOverAsync(RunEngine engine, string name, CancellationToken stop)
    {
        try
        {
            var content = mail.Read(run, name, LongestItem) ?? throw new FormatException("The answer is not a regular file.");
            var item = JsonSerializer.Deserialize(content, MailJson.Default.MailItem) ?? throw new FormatException("The answer is empty.");
            // Once it is asked its result is waited for, whatever ends in the meantime: an answer often ends the run, and whoever gave it must hear that it was taken.
            var result = await engine.AnswerAsync(run, item.ToInput(), CancellationToken.None).WaitAsync(Patience, CancellationToken.None).ConfigureAwait(false);
            return result.Refusal is { Code: "not_open" } ? null : new(result.Refusal?.Code, result.Refusal?.Message);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return new("invalid_values", e.Message);
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException or RunInterruptedException)
        {
            return null;
        }
    }
}
