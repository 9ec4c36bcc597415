using System.Text;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Posix;
using Orchestrator.Engine.Secrets;

namespace Orchestrator.Engine.Telemetry.Tracing.Scripts;

/// <summary>
/// The spans that the script of an attempt notes: <c>spans/{task}.{attempt}.jsonl</c> in the run's folder. The script only appends to a file; the
/// worker makes spans of it when the attempt is journaled. So a script needs neither the collector's address nor its credentials, loses no time and
/// cannot fail by it, its spans are sampled with the run, and they can be exported again later.
/// </summary>
public static class ScriptSpanFile
{
    /// <summary>Nothing is appended or read beyond this many bytes.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Absolute path, given the run's folder.</summary>
    public static string Of(string runDirectory, TaskId task, int attempt) =>
        Path.Combine(runDirectory, "spans", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{task}.{attempt}.jsonl"));

    /// <summary>Appends one line in one write, so that lines of scripts side by side do not mix. False when the file is full.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static bool Append(string path, ScriptSpanLine line)
    {
        DurableFolder.MakeOnly(Disk.Real, Path.GetDirectoryName(path)!);
        var text = JsonSerializer.SerializeToUtf8Bytes(line, ScriptSpanJson.Default.ScriptSpanLine);
        using var file = new FileStream(
            FileCalls.Open(path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Append | OpenFlags.NonBlocking | OpenFlags.NoFollow, Disk.Real.Modes.File), FileAccess.Write, bufferSize: 0);
        if (file.Length + text.Length >= MaxBytes) return false;
        file.Write([.. text, (byte)'\n']);
        return true;
    }

    /// <summary>The whole lines of the file, wrong ones left out; nothing when there is none.</summary>
    internal static IEnumerable<ScriptSpanLine> Read(string path)
    {
        string text;
        try
        {
            using var file = RegularFile.TryOpenStream(path);
            if (file is null) yield break;
            var bytes = new byte[Math.Min(file.Length, MaxBytes)];
            text = Encoding.UTF8.GetString(bytes, 0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            yield break;
        }
        var whole = text.LastIndexOf('\n');
        if (whole < 0) yield break;
        foreach (var line in text[..whole].Split('\n'))
            if (Parse(line) is { } parsed) yield return parsed;
    }

    /// <summary>Takes the secrets of the task out of what its script noted. A file that cannot be rewritten is removed.</summary>
    internal static void Mask(Disk disk, string path, SecretPatterns? secrets)
    {
        if (secrets is null || !File.Exists(path)) return;
        try
        {
            // Bytes beyond the read limit would keep their secrets: the file is deleted.
            if (RegularFile.TryReadText(path, most: 2 * MaxBytes) is { } text) WholeFile.Write(disk, path, Encoding.UTF8.GetBytes(SecretMasker.Apply(secrets, text)), named: false);
            else disk.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            disk.Delete(path);
        }
    }

    private static ScriptSpanLine? Parse(string line)
    {
        // A script can write anything there.
        if (JsonBounds.Fault(Encoding.UTF8.GetBytes(line)) is not null) return null;
        try { return JsonSerializer.Deserialize(line, ScriptSpanJson.Default.ScriptSpanLine); }
        catch (JsonException) { return null; }
    }
}
