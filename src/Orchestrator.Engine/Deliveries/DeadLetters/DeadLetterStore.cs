using System.Text.Json;
using Orchestrator.Engine.Deliveries.Lanes;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Deliveries.DeadLetters;

/// <summary>
/// Dead letters of all sinks: a JSONL file for each, bounded, the oldest go first. The outcomes of those that are gone are in the same file, so that no
/// crash can come between the two. A lock makes the program that delivers and the command line take turns.
/// </summary>
internal sealed class DeadLetterStore(StateFolder folder, TimeSpan? patience = null)
{
    private const string Extension = ".dead.jsonl";
    private readonly TimeSpan _patience = patience ?? TimeSpan.FromSeconds(30);

    /// <summary>Most letters of a sink, and bytes of its file.</summary>
    public const int Most = 10_000;
    public const long MaxBytes = 64 << 20;

    // A turn is milliseconds, or the rewriting of a full file.
    private readonly HashSet<string> _inDoubt = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Sinks() => folder.Names(Extension);

    /// <summary>Oldest first; an event that was given up twice, because the program died in between, is there once.</summary>
    public IReadOnlyList<DeadLetter> Read(string sink) => ReadAll(sink).Letters;

    /// <summary>The letters, and the outcomes of those that are gone, at one instant.</summary>
    public (IReadOnlyList<DeadLetter> Letters, DeadLetterAccount Account) ReadAll(string sink)
    {
        var letters = new Dictionary<Guid, DeadLetter>();
        var account = new DeadLetterAccount();
        var first = true;
        foreach (var line in RegularFile.Lines(PathOf(sink)))
        {
            if (TryRead(line) is { } letter) letters.TryAdd(letter.EventId, letter);
            else if (first && TryReadHead(line) is { } head) account = head.Account;
            first = false;
        }
        return ([.. letters.Values], account);
    }

    /// <summary>The outcomes of letters that are gone, without reading the others.</summary>
    public DeadLetterAccount Account(string sink) =>
        RegularFile.Lines(PathOf(sink)).FirstOrDefault() is { } line && TryReadHead(line) is { } head ? head.Account : new();

    /// <summary>Keeps a letter; the oldest may have to go for it.</summary>
    public void Add(DeadLetter letter)
    {
        folder.Create();
        using var turn = Turn();
        var path = PathOf(letter.Sink);
        var line = JsonSerializer.SerializeToUtf8Bytes(letter, DeliveryJson.Default.DeadLetter);
        if (_inDoubt.Contains(letter.Sink)) Rewrite(letter);
        else
            using (var file = AppendFile.OpenOrCreate(folder.Disk, path))
            {
                // A line that a crash has torn must not swallow this one.
                try { file.Append(file.Length > 0 ? [(byte)'\n', .. line, (byte)'\n'] : [.. line, (byte)'\n']); }
                catch (IOException) when (file.IsInDoubt)
                {
                    _inDoubt.Add(letter.Sink);
                    throw;
                }
            }
        // Looked at now and then only: counting every line at every letter would be quadratic.
        if (letter.Position % 64 != 0 && new FileInfo(path).Length <= MaxBytes) return;
        var (all, account) = ReadAll(letter.Sink);
        if (all.Count <= Most && new FileInfo(path).Length <= MaxBytes) return;
        var keep = all.Skip(Math.Max(all.Count - Most, all.Count / 4)).ToList();
        Write(letter.Sink, keep, account with { Pruned = account.Pruned + all.Count - keep.Count });
    }

    /// <summary>Takes letters away; how many were there.</summary>
    public int Remove(string sink, IReadOnlySet<Guid> events, DeadLetterFate fate) =>
        Remove(sink, l => events.Contains(l.EventId), (account, gone) => fate == DeadLetterFate.Replayed ? account with { Replayed = account.Replayed + gone } : account with { Discarded = account.Discarded + gone });

    /// <summary>Forgets letters of events after a cursor: the program died before it recorded that it had given them up, and retries them.</summary>
    public void Forget(string sink, long behind)
    {
        if (File.Exists(PathOf(sink))) Remove(sink, l => l.Position > behind, static (account, _) => account);
    }

    // What is on the disk after a failed sync is not known: the file is written as a whole.
    private void Rewrite(DeadLetter letter)
    {
        var (all, account) = ReadAll(letter.Sink);
        Write(letter.Sink, [.. all.Where(l => l.EventId != letter.EventId), letter], account);
        _inDoubt.Remove(letter.Sink);
    }

    private int Remove(string sink, Func<DeadLetter, bool> which, Func<DeadLetterAccount, int, DeadLetterAccount> counted)
    {
        using var turn = Turn();
        var (all, account) = ReadAll(sink);
        var keep = all.Where(l => !which(l)).ToList();
        if (keep.Count == all.Count) return 0;
        Write(sink, keep, counted(account, all.Count - keep.Count));
        return all.Count - keep.Count;
    }

    private void Write(string sink, List<DeadLetter> letters, DeadLetterAccount account)
    {
        using var bytes = new MemoryStream();
        JsonSerializer.Serialize(bytes, new DeadLetterFileHead { Account = account }, DeliveryJson.Default.DeadLetterFileHead);
        bytes.WriteByte((byte)'\n');
        foreach (var letter in letters)
        {
            JsonSerializer.Serialize(bytes, letter, DeliveryJson.Default.DeadLetter);
            bytes.WriteByte((byte)'\n');
        }
        WholeFile.Write(folder.Disk, PathOf(sink), bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    // A line that a crash has torn was never counted: its event is given up again.
    private static DeadLetter? TryRead(string line)
    {
        try { return JsonSerializer.Deserialize(line, DeliveryJson.Default.DeadLetter); }
        catch (JsonException) { return null; }
    }

    private static DeadLetterFileHead? TryReadHead(string line)
    {
        try { return JsonSerializer.Deserialize(line, DeliveryJson.Default.DeadLetterFileHead); }
        catch (JsonException) { return null; }
    }

    private string PathOf(string sink) => folder.PathOf(sink + Extension);

    private DirectoryLock Turn() => DirectoryLock.Take(folder.Disk, folder.PathOf("lock"), _patience);
}
