using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal;

/// <summary>The runs that a name selects: one, none, or several whose ids begin with it.</summary>
/// <param name="Found">The run; null when there is none or more than one.</param>
/// <param name="Candidates">Runs the text could mean, newest first, at most 20; empty when there is none.</param>
public sealed record RunLookup(RunId? Found, IReadOnlyList<RunId> Candidates)
{
    /// <summary>More than one run has such an id.</summary>
    public bool IsAmbiguous => Found is null && Candidates.Count > 0;
}

/// <summary>Finished runs that are kept together: a later look need not look at those of a group whose stamp is the same.</summary>
/// <param name="Name">The group's name: what it is sorted by, newest last.</param>
/// <param name="From">No run of it has an id that sorts before the ids of this instant.</param>
/// <param name="Until">No run of it has an id that sorts after the ids before this instant.</param>
/// <param name="Stamp">Another one when a run has come or gone; null: a change just now might leave it as it is.</param>
public sealed record RunGroup(string Name, DateTimeOffset From, DateTimeOffset Until, string? Stamp);

/// <summary>
/// Reads runs of all writers, finished or not. Takes no lock and changes nothing. An answer may be older than an append that is being made; it never holds
/// half of one.
/// </summary>
public interface IRunHistory
{
    /// <summary>Every run, newest first, found as the caller goes on.</summary>
    IEnumerable<RunId> ListRunIds();

    /// <summary>Groups of runs, newest first. A run that is under way may be in one already.</summary>
    IEnumerable<RunGroup> Groups();

    /// <summary>Runs of a group, newest first; those that were never accepted may be among them.</summary>
    IReadOnlyList<RunId> RunsOf(RunGroup group);

    /// <summary>Every run that has ended, newest first.</summary>
    IEnumerable<RunId> Finished();

    /// <summary>Runs that have ended and may be removed, newest first. A run gets here some time after its end.</summary>
    IEnumerable<RunId> ListSettled();

    /// <summary>Whether a run that has ended may be removed.</summary>
    bool IsSettled(RunId run);

    /// <summary>Runs accepted since an instant, newest first.</summary>
    IEnumerable<RunId> AcceptedSince(DateTimeOffset since);

    /// <summary>The run of an id, or of a beginning, or else an end, that only one id has.</summary>
    RunLookup Resolve(string idOrUniquePart);

    /// <summary>All events of a run in order; empty when there is no such run.</summary>
    Task<IReadOnlyList<RecordedEvent>> ReadEventsAsync(RunId run, CancellationToken stop = default);

    /// <summary>The run's events up to its start, if that is among the first ones, without reading the rest; else some of the first, or none.</summary>
    IReadOnlyList<RecordedEvent> Head(RunId run);

    /// <summary>The run's <c>workflow.created</c>, without reading the rest; null when there is no such run.</summary>
    RecordedEvent? FirstEvent(RunId run);

    /// <summary>The run's latest event, the terminal one if it has ended; null when there is no such run.</summary>
    RecordedEvent? LastEvent(RunId run);

    /// <summary>Events as they are appended, from the first to the terminal one; ends at once when there is no such run.</summary>
    IAsyncEnumerable<RecordedEvent> FollowAsync(RunId run, CancellationToken stop);

    /// <summary>Runs that existed once and were removed, as far back as that is known.</summary>
    IReadOnlySet<RunId> Removed();

    /// <summary>Streams of schedules and workers.</summary>
    IReadOnlyCollection<StreamId> SystemStreams();

    /// <summary>Events of a schedule's or worker's stream that are still kept, in order.</summary>
    IReadOnlyList<RecordedEvent> ReadSystem(StreamId stream);

    /// <summary>The last events of such a stream before one, in order, without reading those before them.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="most">At most this many.</param>
    /// <param name="before">Seq of the first that is not wanted; null: up to the end.</param>
    IReadOnlyList<RecordedEvent> ReadSystemLast(StreamId stream, int most, long? before = null);

    /// <summary>Where the journal is damaged. Events after such a place are missing from every answer, so a caller that finds nothing has to say it.</summary>
    IReadOnlyList<JournalCorruptException> Damage();

    /// <summary>Why nothing of a run is known after an event, if that was met when the run was read; null: all of it could be read.</summary>
    JournalCorruptException? DamageOf(RunId run);
}
