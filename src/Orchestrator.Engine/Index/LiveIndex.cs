using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Index;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Queries;
using Orchestrator.Engine.Telemetry;

namespace Orchestrator.Engine.Index;

/// <summary>
/// Keeps the index while a node lives: catches up once, then follows the order of all events, a lot in one transaction, off the runs' path. What cannot
/// be written is written later; meanwhile lists come from the journal.
/// </summary>
internal sealed class LiveIndex : IRunIndex, IAsyncDisposable
{
    private const int LotEvents = 2_000;
    private const int MaxOpen = 2_000;
    private const int MaxGone = 10_000;
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxRetry = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly IRunStore _store;
    private readonly IEventFeed _feed;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly IndexFolder _folder;
    private readonly IDisposable _listening;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    // Runs with events that this process has appended and the index does not hold yet: up to which seq, and how far it is.
    private readonly Dictionary<RunId, (long Appended, long Indexed)> _appended = [];
    private readonly Dictionary<RunId, RunProjection> _open = [];
    private readonly HashSet<RunId> _removed = [];
    private readonly HashSet<RunId> _gone = [];   // the last of them: their events may still be on the way
    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly SemaphoreSlim _wanted = new(0, 1);
    private TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IndexDatabase? _reader;
    private string? _path;   // of the database in use; null while none is
    private int _opened;     // how often one was: a new one may have the path of one that was deleted
    private int _readerOf;
    private bool _isComplete;
    private long _position = long.MaxValue;   // in the order of all events; nothing is needed before it follows
    private bool _isTracking;
    private bool _isTroubled;
    private bool _disposed;
    private Task _loop = Task.CompletedTask;

    public LiveIndex(IRunStore store, IEventFeed feed, LifecyclePublisher publisher, TimeProvider clock, ILogger<LiveIndex> log)
    {
        (_store, _feed, _clock, _log, _folder) = (store, feed, clock, log, new(store.State));
        feed.Hold(() => Interlocked.Read(ref _position));
        _listening = publisher.Subscribe(batch =>
        {
            if (batch.IsHistory) return;   // there before this began: the catch-up reads it
            lock (_gate)
                if (_isTracking) _appended[batch.RunId] = (batch.Events[^1].Seq, _appended.GetValueOrDefault(batch.RunId).Indexed);
        });
    }

    /// <summary>Begins to keep it, in the background.</summary>
    public void Start()
    {
        using (ExecutionContext.SuppressFlow()) _loop = Task.Run(KeepAsync, CancellationToken.None);
    }

    /// <summary>Runs were removed: their rows go with the next lot.</summary>
    public void Removed(IEnumerable<RunId> runs)
    {
        lock (_gate)
        {
            if (!_isTracking) return;
            if (_gone.Count > MaxGone) _gone.Clear();
            _removed.UnionWith(runs);
            _gone.UnionWith(_removed);
        }
        Want();
    }

    public async Task<IReadOnlyList<RunRow>?> ListAsync(RunFilter filter, CancellationToken stop)
    {
        if (!await IsFreshAsync(stop).ConfigureAwait(false)) return null;
        await _reading.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            if (_path is not { } path) return null;
            if (_reader is null || _readerOf != _opened)
            {
                _reader?.Dispose();
                _reader = null;
                _readerOf = _opened;
                _reader = IndexDatabase.ForReading(path);
            }
            return RunQueries.List(_reader, filter);
        }
        catch (Exception e) when (e is SqliteException or IndexUnusableException)
        {
            _log.IndexNotRead(e.Message);
            return null;
        }
        finally { _reading.Release(); }
    }

    /// <summary>An answer out of the index, on a connection of its own; null: the index does not hold what the journal holds now.</summary>
    /// <exception cref="IndexUnusableException">It cannot be read; the message says why.</exception>
    public async Task<T?> QueryAsync<T>(Func<IndexDatabase, T> query, CancellationToken stop) where T : class
    {
        if (!await IsFreshAsync(stop).ConfigureAwait(false) || _path is not { } path) return null;
        return await Task.Run(() =>
        {
            using var database = IndexDatabase.ForReading(path);
            try { return query(database); }
            catch (SqliteException e) { throw IndexDatabase.Unusable(path, e); }
        }, stop).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        _listening.Dispose();
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _reading.WaitAsync().ConfigureAwait(false);
        _path = null;
        _reader?.Dispose();
        _reader = null;
        _reading.Release();
        _stop.Dispose();
    }

    // Completes with true once everything that this process had appended by now is in the index.
    private async Task<bool> IsFreshAsync(CancellationToken stop)
    {
        KeyValuePair<RunId, (long Appended, long Indexed)>[] missing;
        RunId[] gone;
        lock (_gate) (missing, gone) = ([.. _appended], [.. _removed]);
        for (var began = _clock.GetTimestamp(); _path is not null;)
        {
            Task written;
            lock (_gate)
            {
                written = _written.Task;
                if (!missing.Any(m => _appended.TryGetValue(m.Key, out var now) && now.Indexed < m.Value.Appended) && !gone.Any(_removed.Contains)) return true;
            }
            Want();
            if (_clock.GetElapsedTime(began) >= Patience) return false;
            try { await written.WaitAsync(Patience, _clock, stop).ConfigureAwait(false); }
            catch (TimeoutException) { return false; }
        }
        return false;
    }

    private async Task KeepAsync()
    {
        for (var pause = Retry; !_stop.IsCancellationRequested; pause = _isTroubled && pause < MaxRetry ? pause * 2 : Retry)
        {
            try { await FollowAsync().ConfigureAwait(false); }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested) { return; }
            catch (IndexUnusableException e) when (e.IsNewer)
            {
                _log.IndexNotUsed(e.Message);
                return;
            }
            catch (Exception e)
            {
                if (!_isTroubled) _log.IndexNotWritten(e.Message);
                _isTroubled = true;
            }
            finally
            {
                _path = null;
                Interlocked.Exchange(ref _position, long.MaxValue);
                lock (_gate)
                {
                    _isTracking = false;   // the next catch-up reads whatever comes until then
                    _appended.Clear();
                    _removed.Clear();
                }
                Written();
            }
            await Task.Delay(pause, _clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowAsync()
    {
        using var held = await DirectoryLockAsync().ConfigureAwait(false);
        lock (_gate) _isTracking = true;
        var position = _feed.End;   // before anything is read: what is told from here on is looked at again
        Interlocked.Exchange(ref _position, position);
        KeyValuePair<RunId, (long Appended, long Indexed)>[] known;
        lock (_gate) known = [.. _appended];
        var began = _clock.GetTimestamp();
        var database = IndexBuild.TryOpen(_folder, _store);
        if (database is null)
        {
            var built = await IndexBuild.RebuildAsync(_folder, _store, null, _stop.Token).ConfigureAwait(false);
            _log.IndexBuilt(built.Written, _clock.GetElapsedTime(began).TotalMilliseconds);
            database = IndexBuild.TryOpen(_folder, _store) ?? throw new IndexUnusableException($"the index in {_folder.FullPath} is gone as soon as it is made");
        }
        using (database)
        using (var writer = new IndexWriter(database))
        {
            var done = await new IndexCatchUp(_store, database, writer).RunAsync(int.MaxValue, null, _stop.Token).ConfigureAwait(false);
            if (done.HasDamage) throw new IndexUnusableException("some runs in the journal cannot be read");
            // The catch-up has read what was appended before it, told before it or not.
            Advance(known.Select(k => (k.Key, k.Value.Appended)));
            _open.Clear();
            (_isComplete, _opened) = (false, _opened + 1);
            var projections = new RunProjections(_store);
            while (true)
            {
                var (lot, seqs, last) = await LotAsync(database, projections, position).ConfigureAwait(false);
                if (!File.Exists(database.Path)) throw new IndexUnusableException($"the index {database.Path} was removed");
                if (projections.HasDamage) throw new IndexUnusableException("some runs in the journal cannot be read");
                writer.Write(lot);
                RemoveGone(writer);
                position = last;
                Interlocked.Exchange(ref _position, position);
                Settle(database, seqs, isBehind: _feed.End > position);
                if (_feed.End > position) continue;
                await ComesAsync(position).ConfigureAwait(false);
            }
        }
    }

    private async Task<DirectoryLock> DirectoryLockAsync()
    {
        while (true)
        {
            if (_folder.TryLock() is { } held) return held;
            await Task.Delay(Retry / 10, _clock, _stop.Token).ConfigureAwait(false);   // a verb brings it up to date
        }
    }

    // Something to write, or somebody who waits for what may have been.
    private async Task ComesAsync(long position)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var wanted = _wanted.WaitAsync(enough.Token);
        var behind = _feed.BehindAsync(position, enough.Token);
        var first = await Task.WhenAny(wanted, behind).ConfigureAwait(false);
        // Under load many events are one lot, unless somebody waits for them.
        if (first == behind && !_stop.IsCancellationRequested) await Task.WhenAny(wanted, Task.Delay(Gather, _clock, enough.Token)).ConfigureAwait(false);
        await enough.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(wanted, behind).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Token.ThrowIfCancellationRequested();
    }

    private async Task<(List<IndexedRun> Lot, Dictionary<RunId, long> Seqs, long Last)> LotAsync(IndexDatabase database, RunProjections projections, long after)
    {
        var touched = new Dictionary<RunId, RunProjection>();
        var seqs = new Dictionary<RunId, long>();
        var began = _clock.GetTimestamp();
        for (var events = 0; events < LotEvents && (events == 0 || _clock.GetElapsedTime(began) < Gather);)   // more may come without end
        {
            var parts = await _feed.ReadAsync(after, _stop.Token).ConfigureAwait(false);
            if (parts.Count == 0) break;
            if (parts[0].Record.First > after + 1 && _feed.Begin > after + 1) throw new IndexUnusableException("events went by before they could be indexed");
            foreach (var part in parts)
            {
                after = Math.Max(after, part.Record.Last);
                events += part.Record.Count;
                if (!part.Record.Stream.TryGetRun(out var run)) continue;
                seqs[run] = Math.Max(part.Record.LastSeq, seqs.GetValueOrDefault(run));
                if (await ApplyAsync(database, projections, run, part).ConfigureAwait(false) is { } projection) touched[run] = projection;
            }
        }
        var lot = touched.Values.Select(p => p.Take()).ToList();
        foreach (var (run, projection) in touched)
            if (projection.HasEnded) _open.Remove(run);
        return (lot, seqs, after);
    }

    // The run's projection after a part of its events; null: the index holds them already, or the run is gone.
    private async Task<RunProjection?> ApplyAsync(IndexDatabase database, RunProjections projections, RunId run, FeedPart part)
    {
        lock (_gate)
            if (_gone.Contains(run)) return null;
        if (_open.TryGetValue(run, out var open))
        {
            if (part.Record.LastSeq <= open.LastSeq) return null;
            if (part.Events.Count == part.Record.Count && part.Events.All(e => e.Seq <= open.LastSeq || open.Apply(e))) return open;
        }
        else if (IndexCatchUp.SeqOf(database, run) >= part.Record.LastSeq) return null;
        var read = (part.Record.FirstSeq == 1 && part.Events.Count == part.Record.Count ? projections.Begin(run, part.Events) : null)
            ?? await projections.ReadAsync(run, _stop.Token).ConfigureAwait(false);
        if (read is null) return null;
        if (_open.Count >= MaxOpen) _open.Clear();   // read again when they go on
        return _open[run] = read;
    }

    private void RemoveGone(IndexWriter writer)
    {
        RunId[] gone;
        lock (_gate) gone = [.. _removed];
        foreach (var lot in gone.Chunk(500)) writer.Remove(lot);
        lock (_gate) _removed.ExceptWith(gone);
    }

    private void Settle(IndexDatabase database, Dictionary<RunId, long> seqs, bool isBehind)
    {
        Advance(seqs.Select(s => (s.Key, s.Value)));
        if (isBehind == _isComplete)   // which other processes go by
        {
            if (isBehind) database.ClearMeta(IndexDatabase.Complete);
            else database.SetMeta(IndexDatabase.Complete, "1");
            _isComplete = !isBehind;
        }
        _path = database.Path;
        _isTroubled = false;
        Written();
    }

    private void Advance(IEnumerable<(RunId Run, long Seq)> indexed)
    {
        lock (_gate)
            foreach (var (run, seq) in indexed)
                if (!_appended.TryGetValue(run, out var known)) continue;
                else if (known.Appended <= seq) _appended.Remove(run);
                else if (known.Indexed < seq) _appended[run] = (known.Appended, seq);
    }

    private void Written()
    {
        TaskCompletionSource written;
        lock (_gate) (written, _written) = (_written, new(TaskCreationOptions.RunContinuationsAsynchronously));
        written.TrySetResult();
    }

    private void Want()
    {
        try { _wanted.Release(); }
        catch (SemaphoreFullException) { }
    }
}
