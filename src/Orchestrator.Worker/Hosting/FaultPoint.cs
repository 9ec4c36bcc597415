using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Engine.Files;
using Orchestrator.Worker.Commands;

namespace Orchestrator.Worker.Hosting;

/// <summary>
/// For tests of crashes alone: <c>ORCHESTRATOR_FAULT=journal:after_write:17</c> makes the process end itself with SIGKILL the 17th time it comes to that point
/// of writing. Refused unless ORCHESTRATOR_FAULTS_ALLOWED=1 stands beside it: nobody sets both by accident.
/// </summary>
internal sealed class FaultPoint(string point, int hit)
{
    public const string Variable = "ORCHESTRATOR_FAULT";
    public const string Permission = "ORCHESTRATOR_FAULTS_ALLOWED";

    public static readonly string[] Points =
    [
        "journal:before_write", "journal:mid_write", "journal:after_write", "journal:after_sync", "segment:mid_header", "segment:created", "segment:before_delete", "segment:deleted",
        "archive:before_rename", "archive:renamed", "definition:before_write", "definition:written",
    ];

    private int _left = hit;

    /// <summary>The point the environment names; null, as always but in tests, when it names none.</summary>
    /// <exception cref="CommandFailure">It names one without permission, or none there is.</exception>
    public static FaultPoint? From(IReadOnlyDictionary<string, string> environment)
    {
        if (!environment.TryGetValue(Variable, out var text) || text.Length == 0) return null;
        if (environment.GetValueOrDefault(Permission) != "1")
            throw new CommandFailure(ExitCode.Usage, $"{Variable} is set: it makes this program kill itself, which only tests want.", $"Remove it, or set {Permission}=1 in a test.");
        var at = text.LastIndexOf(':');
        if (at > 0 && Points.Contains(text[..at]) && int.TryParse(text[(at + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var hit) && hit > 0) return new(text[..at], hit);
        throw new CommandFailure(ExitCode.Usage, $"{Variable} is '{text}', not POINT:N.", $"Points: {string.Join(", ", Points)}.");
    }

    /// <summary>The process has come to a point.</summary>
    public void Reached(string here)
    {
        if (IsNext(here)) Die();
    }

    private bool IsNext(string here) => here == point && Interlocked.Decrement(ref _left) == 0;

    private static void Die()
    {
        using var self = Process.GetCurrentProcess();
        self.Kill();   // SIGKILL: nothing of this process runs after it
    }

    /// <summary>The journal's disk, with the points on the way to it.</summary>
    public Disk On(Disk disk) => new DyingDisk(this) { Modes = disk.Modes };

    private sealed class DyingDisk(FaultPoint fault) : Disk
    {
        public override void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long at)
        {
            if (at > 0) fault.Reached("journal:before_write");
            if (fault.IsNext(at == 0 ? "segment:mid_header" : "journal:mid_write"))
            {
                base.Write(file, bytes[..(bytes.Length / 2)], at);
                Die();
            }
            base.Write(file, bytes, at);
            if (at > 0) fault.Reached("journal:after_write");
        }

        public override void Sync(SafeFileHandle file)
        {
            base.Sync(file);
            fault.Reached("journal:after_sync");
        }

        public override void SyncDirectory(string path)
        {
            base.SyncDirectory(path);
            if (Path.GetFileName(Path.GetDirectoryName(path)) == "journal") fault.Reached("segment:created");
        }

        public override void Rename(string from, string to)
        {
            var isArchive = Path.GetFileName(to) == "events.jsonl";   // segments get their names so too
            if (isArchive) fault.Reached("archive:before_rename");
            base.Rename(from, to);
            if (isArchive) fault.Reached("archive:renamed");
        }

        public override void Delete(string path)
        {
            var isSegment = path.EndsWith(".jsonl", StringComparison.Ordinal);
            if (isSegment) fault.Reached("segment:before_delete");
            base.Delete(path);
            if (isSegment) fault.Reached("segment:deleted");
        }
    }
}
