using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Files;

namespace Orchestrator.AspNetCore.Idempotency;

/// <summary>
/// Keys against double submission, for 24 hours and over restarts: a line of <c>index/idempotency.jsonl</c> binds a key to a run's id, on the disk before
/// the run is submitted. So whenever the process dies, asking again leads to that run: the one that was accepted, or one that is now. Nothing is read
/// before the first key comes.
/// </summary>
internal sealed class IdempotencyKeys(Func<StateFolder> state, TimeProvider clock, ILogger<IdempotencyKeys> log, int most = 100_000) : IDisposable
{
    public static readonly TimeSpan Kept = TimeSpan.FromHours(24);
    private readonly SemaphoreSlim _gate = new(1);
    private Dictionary<string, IdempotencyEntry>? _entries;
    private AppendFile? _file;
    private int _lines;
    private bool _isClosed;

    private StateFolder Folder => state().In("index");

    private string Path => Folder.PathOf("idempotency.jsonl");

    /// <summary>The entry of a key; null when it is new or too old.</summary>
    /// <exception cref="IOException">The file cannot be read or repaired.</exception>
    public Task<IdempotencyEntry?> FindAsync(string key) => InTurnAsync(() => Live(key));

    /// <summary>The entry of a key, created if needed: durable when this returns. The caller compares the body.</summary>
    /// <exception cref="IOException">The file cannot be written: the run must not be submitted.</exception>
    /// <exception cref="TooManyKeysException">As many keys are kept as may be.</exception>
    public Task<IdempotencyEntry> ClaimAsync(string key, string body) => InTurnAsync(() =>
    {
        if (Live(key) is { } known) return known;
        if (_entries!.Count >= most || _lines >= 2 * most) Compact();
        if (_entries.Count >= most) throw new TooManyKeysException(most);
        var now = clock.GetUtcNow();
        var entry = new IdempotencyEntry(key, body, RunId.New(now, RandomNumberGenerator.GetBytes(10)).ToString(), now);
        Append(entry);
        return _entries[key] = entry;
    });

    /// <summary>Requests that are still on their way are refused from now on, so the gate stays.</summary>
    public void Dispose()
    {
        _gate.Wait();
        _isClosed = true;
        Forget();
        _gate.Release();
    }

    private async Task<T> InTurnAsync<T>(Func<T> work)
    {
        await _gate.WaitAsync();
        try
        {
            if (_isClosed) throw new IOException("The server is stopping.");
            if (_entries is null) Load();
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Forget();   // what is on the disk is not known: the next call reads it again and repairs it
            throw e is IOException ? e : new IOException(e.Message, e);
        }
        finally
        {
            _gate.Release();
        }
    }

    private IdempotencyEntry? Live(string key) => _entries!.TryGetValue(key, out var entry) && IsLive(entry) ? entry : null;

    private bool IsLive(IdempotencyEntry entry) => clock.GetUtcNow() - entry.At < Kept;

    private void Load()
    {
        var entries = new Dictionary<string, IdempotencyEntry>(StringComparer.Ordinal);
        var (lines, bad) = (0, 0);
        Folder.Create();
        foreach (var line in RegularFile.Lines(Path))
        {
            lines++;
            if (Read(line) is { } entry) entries[entry.Key] = entry;
            else bad++;   // the last line of a process that was killed: nobody was told of it
        }
        if (bad > 1) log.KeysDamaged(Path, bad);
        _entries = entries;
        _lines = lines;
        // Also where nothing is bad: the last line may lack its end.
        if (lines > 0) Compact();
        else Open();
    }

    private void Compact()
    {
        var live = _entries = _entries!.Where(e => IsLive(e.Value)).ToDictionary(StringComparer.Ordinal);
        _file?.Dispose();
        _file = null;
        using var all = new MemoryStream();
        foreach (var entry in live.Values.OrderBy(e => e.At)) all.Write(Line(entry));
        WholeFile.Write(Folder.Disk, Path, all.GetBuffer().AsSpan(0, (int)all.Length));
        _lines = live.Count;
        Open();
    }

    private void Open() => _file = AppendFile.OpenOrCreate(Folder.Disk, Path);

    private void Append(IdempotencyEntry entry)
    {
        _file!.Append(Line(entry));
        _lines++;
    }

    private void Forget()
    {
        _file?.Dispose();
        (_file, _entries) = (null, null);
    }

    private static byte[] Line(IdempotencyEntry entry) => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(entry, IdempotencyJson.Default.IdempotencyEntry) + "\n");

    private static IdempotencyEntry? Read(string line)
    {
        try { return JsonSerializer.Deserialize(line, IdempotencyJson.Default.IdempotencyEntry) is { Key: not null, Body: not null } entry && RunId.TryParse(entry.RunId, out _) ? entry : null; }
        catch (JsonException) { return null; }
    }
}

/// <summary>No further key is kept for now.</summary>
internal sealed class TooManyKeysException(int most) : Exception($"{most} idempotency keys of the last 24 hours are already kept. Send the request without a key, or retry later.");

internal static partial class IdempotencyLog
{
    [LoggerMessage(6030, LogLevel.Warning, "{Path} has unreadable lines: {Lines}; their keys are forgotten")]
    public static partial void KeysDamaged(this ILogger logger, string path, int lines);
}
