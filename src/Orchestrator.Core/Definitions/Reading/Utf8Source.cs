using System.Text;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Turns a file's bytes into text, or says why they are not.</summary>
internal static class Utf8Source
{
    /// <summary>Holds the 100,000 tasks a workflow may have.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    public static string? Decode(ReadOnlySpan<byte> bytes, string file, ProblemLog problems)
    {
        if (bytes.Length > MaxBytes)
        {
            problems.Add(ProblemCodes.TooLarge, new(file, 1, 1), $"The definition is {bytes.Length} bytes long; {MaxBytes} are allowed.", "Split the workflow.");
            return null;
        }
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
        {
            problems.Add(ProblemCodes.NotText, new(file, 1, 1), "The file is UTF-16.", "Save it as UTF-8.");
            return null;
        }
        if (bytes.IndexOf((byte)0) is >= 0 and var zero) return NotText(bytes[..zero], file, problems, "The file is binary: it holds a zero byte.");
        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            return NotText(bytes[..Math.Clamp(e.Index, 0, bytes.Length)], file, problems, "The file is not UTF-8.");
        }
    }

    private static string? NotText(ReadOnlySpan<byte> before, string file, ProblemLog problems, string message)
    {
        var line = before.Count((byte)'\n') + 1;
        var column = before.Length - before.LastIndexOf((byte)'\n');
        problems.Add(ProblemCodes.NotText, new(file, line, column), message, "Save it as UTF-8 text.");
        return null;
    }
}
