using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Engine.Tests.Files;

/// <summary>A disk that syncs nothing: for recovery, which is looked at and thrown away.</summary>
internal sealed class QuickDisk : Disk
{
    public override void Sync(SafeFileHandle file) { }

    public override void SyncDirectory(string path) { }

    public override void SyncFileSystem(string path) { }
}

/// <summary>A sync that is asked for.</summary>
/// <param name="Path">Of the file as it was opened, or of the folder; relative. Of a whole file system: empty.</param>
/// <param name="IsFolder">Of names, not of content.</param>
/// <param name="WasThere">A file that was opened, not made.</param>
internal sealed record SyncCall(string Path, bool IsFolder, bool WasThere);

/// <summary>
/// A disk in front of a real folder that remembers every step, so that afterwards a power cut can be played at any of them: see <see cref="PowerCut"/>. It can also be
/// told to fail, and to be dead, which is how a killed process looks to its files.
/// </summary>
internal sealed class ForgetfulDisk(string root) : Disk
{
    private readonly Lock _gate = new();
    private readonly List<DiskStep> _steps = [];
    private readonly Dictionary<string, int> _files = new(StringComparer.Ordinal);
    private readonly ConditionalWeakTable<SafeFileHandle, OpenFile> _open = [];
    private int _numbers;
    private int _calls;

    /// <summary>Asked before each call that changes or syncs something, with its number from 1; what it gives is thrown.</summary>
    public Func<string, int, Exception?>? Fault { get; set; }

    /// <summary>Which syncs say that they are done and are not: what a program that leaves them out would look like.</summary>
    public Func<SyncCall, bool>? LeavesOut { get; set; }

    /// <summary>A write that fails has written half of its bytes.</summary>
    public bool TearsFailedWrites { get; set; }

    /// <summary>The process was killed: nothing of it happens any more.</summary>
    public bool IsDead { get; set; }

    public int Calls => _calls;

    public IReadOnlyList<DiskStep> Steps
    {
        get { lock (_gate) return [.. _steps]; }
    }

    public void Acknowledge(string what, Func<RunPaths, bool> holds)
    {
        lock (_gate)
            if (!IsDead) _steps.Add(new DiskStep.Acknowledged(new(what, holds)));
    }

    public override SafeFileHandle Create(string path) => Do("create", () =>
    {
        var file = base.Create(path);
        return Remember(file, Made(path), path, wasThere: false);
    });

    public override SafeFileHandle OpenOrCreate(string path) => Do("open", () =>
    {
        var isNew = !File.Exists(path);
        var file = base.OpenOrCreate(path);
        return Remember(file, isNew ? Made(path) : NumberOf(path), path, !isNew);
    });

    public override SafeFileHandle OpenExisting(string path) => Do("open", () => Remember(base.OpenExisting(path), NumberOf(path), path, wasThere: true));

    public override void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long at)
    {
        var copy = bytes.ToArray();
        Do("write", () => WriteNow(file, copy, at), onFault: () =>
        {
            if (TearsFailedWrites && !IsDead) WriteNow(file, copy[..(copy.Length / 2)], at);
        });
    }

    // A copy through blocks is shown as the writes that it stands for.
    public override bool TryClone(SafeFileHandle target, SafeFileHandle source) => false;

    public override void Truncate(SafeFileHandle file, long length) => Do("truncate", () =>
    {
        base.Truncate(file, length);
        _steps.Add(new DiskStep.Truncated(NumberOf(file), length));
    });

    public override void Sync(SafeFileHandle file) => Do("sync", () =>
    {
        if (!Leaves(Opened(file).How)) _steps.Add(new DiskStep.Synced(NumberOf(file), Failed: false));
    }, onFault: () => _steps.Add(new DiskStep.Synced(NumberOf(file), Failed: true)));

    public override void SyncDirectory(string path) => Do("sync folder", () =>
    {
        if (!Directory.Exists(path)) throw new DirectoryNotFoundException(path);
        if (!Leaves(new(Relative(path), IsFolder: true, WasThere: true))) _steps.Add(new DiskStep.FolderSynced(Relative(path)));
    });

    public override void SyncFileSystem(string path) => Do("sync all", () =>
    {
        if (!Leaves(new("", IsFolder: false, WasThere: true))) _steps.Add(new DiskStep.AllSynced());
    });

    public override void Rename(string from, string to) => Do("rename", () =>
    {
        base.Rename(from, to);
        var (old, now) = (Relative(from), Relative(to));
        foreach (var (path, number) in _files.Where(f => f.Key == old || f.Key.StartsWith(old + "/", StringComparison.Ordinal)).ToList())
        {
            _files.Remove(path);
            _files[now + path[old.Length..]] = number;
        }
        _steps.Add(new DiskStep.Renamed(old, now));
    });

    public override void Delete(string path) => Do("delete", () =>
    {
        var was = File.Exists(path);
        base.Delete(path);
        _files.Remove(Relative(path));
        if (was) _steps.Add(new DiskStep.Deleted(Relative(path)));
    });

    public override bool CreateFolder(string path) => Do("make folder", () =>
    {
        if (!base.CreateFolder(path)) return false;
        _steps.Add(new DiskStep.FolderMade(Relative(path)));
        return true;
    });

    public override void DeleteTree(string path) => Do("delete tree", () =>
    {
        foreach (var file in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)) Gone(file);
        foreach (var folder in Directory.EnumerateDirectories(path, "*", SearchOption.AllDirectories).OrderByDescending(f => f.Length)) Gone(folder);
        Gone(path);
        base.DeleteTree(path);
    });

    public override void DeleteFolder(string path) => Do("delete folder", () =>
    {
        base.DeleteFolder(path);
        Gone(path);
    });

    private void Do(string call, Action act, Action? onFault = null) => Do(call, () =>
    {
        act();
        return true;
    }, onFault);

    private T Do<T>(string call, Func<T> act, Action? onFault = null)
    {
        lock (_gate)
        {
            if (IsDead) throw new IOException("The process was killed.");
            if (Fault?.Invoke(call, ++_calls) is not { } fault) return act();
            onFault?.Invoke();
            throw fault;
        }
    }

    private void WriteNow(SafeFileHandle file, byte[] bytes, long at)
    {
        base.Write(file, bytes, at);
        _steps.Add(new DiskStep.Written(NumberOf(file), at, bytes));
    }

    private int Made(string path)
    {
        var number = _files[Relative(path)] = ++_numbers;
        _steps.Add(new DiskStep.Created(Relative(path), number));
        return number;
    }

    private void Gone(string path)
    {
        _files.Remove(Relative(path));
        _steps.Add(new DiskStep.Deleted(Relative(path)));
    }

    private SafeFileHandle Remember(SafeFileHandle file, int number, string path, bool wasThere)
    {
        _open.Add(file, new(number, new(Relative(path), IsFolder: false, wasThere)));
        return file;
    }

    private bool Leaves(SyncCall call) => LeavesOut?.Invoke(call) == true;

    private OpenFile Opened(SafeFileHandle file) => _open.TryGetValue(file, out var known) ? known : throw new InvalidOperationException("A file that this disk has not opened.");

    private int NumberOf(SafeFileHandle file) => Opened(file).Number;

    private int NumberOf(string path) => _files[Relative(path)];

    private string Relative(string path) => Path.GetRelativePath(root, path);

    private sealed record OpenFile(int Number, SyncCall How);
}
