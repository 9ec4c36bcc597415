using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>Makes a writer's folder, durable under its name, and says in words why it cannot be used.</summary>
internal static class JournalFolder
{
    public static void Create(RunPaths paths, string folder, Disk disk)
    {
        foreach (var path in (string[])[paths.Root, paths.Journal, folder])
            if (File.Exists(path)) throw new JournalUnavailableException($"{path} is a file, but a directory is needed there. Choose another data directory or move the file away.");
        DurableFolder.Create(disk, folder, paths.Root);
    }

    public static JournalUnavailableException Explain(string folder, Exception e) => e switch
    {
        UnauthorizedAccessException => new($"The journal in {folder} cannot be opened: this user may not read and write there ({e.Message}). "
            + "Give the user the directory, or choose another data directory.", e),
        _ => new($"The journal in {folder} cannot be opened: {e.Message} Check that the disk is there, not full and not read-only, or choose another data directory.", e),
    };
}
