using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal;

/// <summary>
/// How a process that does not own a run reaches the one that does: a request to cancel, and items (answers to approvals, events) with an answer each.
/// Mail outlives both: an owner that resumes the run later finds it.
/// </summary>
public interface IRunMail
{
    /// <summary>Asks for the run's end; durable when this returns. A second request changes nothing.</summary>
    /// <exception cref="IOException">It cannot be kept.</exception>
    void AskToCancel(RunId run, CancelAsk ask);

    /// <summary>Who requested the run's end; null: no request.</summary>
    CancelAsk? CancelAskedBy(RunId run);

    /// <summary>The request was executed or withdrawn.</summary>
    void ForgetCancel(RunId run);

    /// <summary>Leaves an item; durable when this returns. Gives its name.</summary>
    /// <exception cref="IOException">It cannot be kept.</exception>
    string Leave(RunId run, ReadOnlySpan<byte> item, DateTimeOffset at);

    /// <summary>Names of items without an answer, oldest first, at most 1,000.</summary>
    IReadOnlyList<string> Items(RunId run);

    /// <summary>An item's content; null when there is none of that name.</summary>
    /// <exception cref="FormatException">It is longer than <paramref name="most"/> bytes.</exception>
    byte[]? Read(RunId run, string item, long most);

    /// <summary>Answers an item, which is then done with. A power cut may take the answer.</summary>
    void Answer(RunId run, string item, ReadOnlySpan<byte> answer);

    /// <summary>The answer to an item, taken away; null while there is none.</summary>
    byte[]? TakeAnswer(RunId run, string item);
}
