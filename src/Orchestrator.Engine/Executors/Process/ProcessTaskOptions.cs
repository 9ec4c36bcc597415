using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>Limits of process tasks and of every task's results.</summary>
public sealed record ProcessTaskOptions
{
    /// <summary>Time between SIGTERM and SIGKILL when an attempt is stopped. Default 10 s; zero kills at once.</summary>
    public TimeSpan KillGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Largest log of one attempt in bytes; over it the beginning and the end are kept, and the middle is dropped. Default 10 MiB.</summary>
    public long LogLimit { get; init; } = 10 * 1024 * 1024;

    /// <summary>Largest results of one task as JSON, in bytes. Default 1 MiB.</summary>
    public int OutputLimit { get; init; } = 1024 * 1024;

    /// <summary>Results up to this many bytes travel inside events; larger ones go to a file. Default 4 KiB.</summary>
    public int InlineOutputLimit { get; init; } = 4 * 1024;

    /// <summary>Largest artifacts of one run, in bytes. Default 1 GiB.</summary>
    public long ArtifactsLimit { get; init; } = 1024L * 1024 * 1024;

    /// <summary>How long output is still read after the main process ended while a descendant keeps the pipe open. Default 1 s.</summary>
    public TimeSpan PipeGrace { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a delegate may continue after it was asked to stop, before it is abandoned. Default 10 s.</summary>
    public TimeSpan DelegateGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What keeps results and artifacts.</summary>
    internal Disk Disk { get; init; } = Disk.Real;

    /// <summary>Every problem, naming key and value; empty when all is well.</summary>
    public IEnumerable<string> Problems()
    {
        if (KillGrace < TimeSpan.Zero) yield return $"KillGrace must not be negative, was {KillGrace}.";
        if (PipeGrace < TimeSpan.Zero) yield return $"PipeGrace must not be negative, was {PipeGrace}.";
        if (DelegateGrace < TimeSpan.Zero) yield return $"DelegateGrace must not be negative, was {DelegateGrace}.";
        if (LogLimit < 4096) yield return $"LogLimit must be at least 4096 bytes, was {LogLimit}.";
        if (OutputLimit is < 1 or > 256 * 1024 * 1024) yield return $"OutputLimit must be between 1 byte and 256 MiB, was {OutputLimit}.";
        if (ArtifactsLimit < 0) yield return $"ArtifactsLimit must not be negative, was {ArtifactsLimit}.";
        if (InlineOutputLimit is < 0 or > 64 * 1024) yield return $"InlineOutputLimit must be between 0 and 64 KiB, was {InlineOutputLimit}.";
    }

    /// <exception cref="ArgumentException">An option is out of range; the message lists all of them.</exception>
    internal ProcessTaskOptions Checked()
    {
        var problems = string.Join(' ', Problems());
        return problems.Length == 0 ? this : throw new ArgumentException(problems);
    }
}
