using System.Collections.Immutable;
using System.Text;
using Orchestrator.Core.Planning;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Running.Attempts;

/// <summary>Reads a workflow's files of variables, again for each attempt.</summary>
internal static class Dotenv
{
    private const long MaxBytes = 1024 * 1024;

    /// <summary>The variables of the files, the later above the earlier, and the declared ones above all.</summary>
    /// <exception cref="DotenvException">A file is missing, too large or malformed; the message names it and no value.</exception>
    public static ImmutableSortedDictionary<string, string> Beneath(ImmutableSortedDictionary<string, string> declared, ImmutableArray<string> files, string folder)
    {
        var all = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var file in files)
            foreach (var (name, value) in Read(file, folder)) all[name] = value;
        foreach (var (name, value) in declared) all[name] = value;
        return all.ToImmutable();
    }

    private static ImmutableArray<KeyValuePair<string, string>> Read(string file, string folder)
    {
        if (file.Contains('\0', StringComparison.Ordinal)) throw new DotenvException("A name of `dotenv` holds a NUL, which no file name can contain: correct it.");
        var path = Path.GetFullPath(file, folder);
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MaxBytes }) throw new DotenvException($"The file '{path}' of `dotenv` is larger than 1 MiB: keep variables in it and nothing else.");
            if (!File.Exists(path)) throw new DotenvException($"There is no file '{path}', which `dotenv` names: create it, or correct the path.");
            var text = RegularFile.TryRead(path, followLink: true, most: MaxBytes) ?? throw new DotenvException($"'{path}', which `dotenv` names, is not a regular file: a task would wait for it.");
            return DotenvText.TryRead(new UTF8Encoding(false, true).GetString(text), out var variables, out var problem) ? variables
                : throw new DotenvException($"The file '{path}' of `dotenv` cannot be read: {problem} Write NAME=value, with quotes around values of several words.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw new DotenvException($"The file '{path}' of `dotenv` cannot be read: check that it is UTF-8 text and the worker may read it.", e);
        }
    }
}

/// <summary>A file of variables cannot be used.</summary>
internal sealed class DotenvException(string message, Exception? inner = null) : Exception(message, inner);
