using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Imports;

/// <summary>
/// Keeps a log of another runner in the data directory, durably and whole. The same content is kept once; a log that has grown since it was imported takes the
/// place of what it begins with, so that no event counts twice.
/// </summary>
internal sealed class LogImport(ImportedLogs logs, TimeProvider clock)
{
    private const int Chunk = 1 << 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <param name="path">A regular file, absolute.</param>
    /// <param name="kind">Which log it is.</param>
    /// <param name="stop">Gives up; nothing is kept then.</param>
    /// <exception cref="LogImportException">There is no such file, or it cannot be used.</exception>
    /// <exception cref="IOException">It cannot be read, or the data directory cannot be written.</exception>
    public ImportResult Import(string path, ImportedLogKind kind, CancellationToken stop)
    {
        using var file = RegularFile.TryOpen(path, followLink: true) ?? throw Unusable(path);
        var folder = logs.Root;
        folder.Create();
        using var turn = DirectoryLock.Take(folder.Disk, folder.PathOf("import.lock"), s_patience);
        var known = logs.List().Where(l => l.Kind == kind).ToList();
        var length = RandomAccess.GetLength(file);
        var (sha, begins, scan) = Scan(file, length, known, stop);
        ImportResult Unchanged(ImportedLog log) => new(ImportOutcome.Unchanged, log, scan.Named, scan.Lines, scan.Damaged);
        if (known.Find(l => l.Sha256 == sha) is { } same)
        {
            foreach (var shorter in begins) Remove(shorter);   // left over from an import that was cut off
            return Unchanged(same);
        }
        foreach (var longer in known.Where(l => l.Bytes > length))
            if (BeginsWith(longer, length, sha, stop)) return Unchanged(longer);

        var log = new ImportedLog(sha, kind, path, length, scan.Lines, scan.Damaged, scan.FirstAt, scan.LastAt, clock.GetUtcNow());
        Keep(file, log, stop);
        // After the new one is there for good: a crash in between leaves both, and the next import of it removes the shorter.
        foreach (var shorter in begins) Remove(shorter);
        return new(begins.Count > 0 ? ImportOutcome.Extended : ImportOutcome.Imported, log, scan.Named, scan.Lines, scan.Damaged);
    }

    /// <summary>Says at once what is wrong with a path.</summary>
    /// <exception cref="LogImportException">There is no such file, or it is no regular one.</exception>
    public static void Require(string path)
    {
        using var file = RegularFile.TryOpen(path, followLink: true) ?? throw Unusable(path);
    }

    // One reading for all that must be known: the hash, the hashes of the beginnings that may be kept already, and the lines.
    private static (string Sha256, List<ImportedLog> Begins, DagLogScan Lines) Scan(
        SafeFileHandle file, long length, List<ImportedLog> known, CancellationToken stop)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var marks = new Queue<ImportedLog>(known.Where(l => l.Bytes < length).OrderBy(l => l.Bytes));
        var begins = new List<ImportedLog>();
        var at = 0L;
        void See(ReadOnlySpan<byte> bytes)
        {
            stop.ThrowIfCancellationRequested();
            while (marks.TryPeek(out var mark) && mark.Bytes <= at + bytes.Length)
            {
                var part = (int)(mark.Bytes - at);
                hash.AppendData(bytes[..part]);
                bytes = bytes[part..];
                at += part;
                if (Convert.ToHexStringLower(hash.GetCurrentHash()) == mark.Sha256) begins.Add(mark);
                marks.Dequeue();
            }
            hash.AppendData(bytes);
            at += bytes.Length;
        }
        var scan = new DagLogScan();
        foreach (var _ in scan.Events(new(file, length, See))) { }
        return (Convert.ToHexStringLower(hash.GetHashAndReset()), begins, scan);
    }

    private bool BeginsWith(ImportedLog longer, long length, string sha256, CancellationToken stop)
    {
        using var file = RegularFile.TryOpen(logs.PathOf(longer));
        return file is not null && RandomAccess.GetLength(file) >= length && Hash(file, length, null, stop) == sha256;
    }

    private void Keep(SafeFileHandle file, ImportedLog log, CancellationToken stop)
    {
        var folder = logs.FolderOf(log.Sha256);
        folder.Create();
        using (var draft = new WholeFileDraft(folder.Disk, logs.PathOf(log)))
        {
            if (Hash(file, log.Bytes, draft, stop) != log.Sha256)
                throw new LogImportException($"{log.Source} was changed while it was read.", "Import it again when nothing but new lines is written to it.");
            draft.Commit();
        }
        WholeFile.Write(folder.Disk, logs.AboutOf(log.Sha256, log.Kind), JsonSerializer.SerializeToUtf8Bytes(log, ImportJson.Default.ImportedLog));
    }

    private void Remove(ImportedLog log)
    {
        var folder = logs.FolderOf(log.Sha256);
        folder.Disk.Delete(logs.AboutOf(log.Sha256, log.Kind));   // from here on it does not count
        folder.Disk.SyncDirectory(folder.FullPath);
        folder.Disk.Delete(logs.PathOf(log));
        if (!Directory.EnumerateFileSystemEntries(folder.FullPath).Any()) folder.Disk.DeleteFolder(folder.FullPath);
    }

    private static string Hash(SafeFileHandle file, long length, Stream? copy, CancellationToken stop)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[Chunk];
        for (var at = 0L; at < length;)
        {
            stop.ThrowIfCancellationRequested();
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - at));
            var n = RandomAccess.Read(file, part, at);
            if (n == 0) break;
            hash.AppendData(part[..n]);
            copy?.Write(part[..n]);
            at += n;
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    internal static LogImportException Unusable(string path) =>
        Directory.Exists(path) ? new($"{path} is a folder.", "Name the log file in it.")
        : File.Exists(path) ? new($"{path} is not a regular file.", "Write what comes out of a pipe or device to a file first.")
        : new($"There is no file {path}.", "Check the path.") { IsMissing = true };
}

/// <summary>A log cannot be imported.</summary>
internal sealed class LogImportException(string message, string remedy) : Exception(message)
{
    /// <summary>What the user can do about it.</summary>
    public string Remedy { get; } = remedy;

    /// <summary>There is no such file.</summary>
    public bool IsMissing { get; init; }
}
