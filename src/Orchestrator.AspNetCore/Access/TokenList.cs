using System.Security.Cryptography;
using System.Text;
using Orchestrator.Engine.Hosting.Options;

namespace Orchestrator.AspNetCore.Access;

/// <summary>The tokens that may call the API, known by their hashes only: one SHA-256 in hexadecimal a line, then a name.</summary>
internal sealed class TokenList(IReadOnlyList<(byte[] Hash, string Name)> tokens)
{
    /// <param name="file">Where it is.</param>
    /// <param name="setting">What names it.</param>
    /// <exception cref="OptionsException">The file is missing, has no tokens, or a line is no hash.</exception>
    public static TokenList Read(string file, string setting = "Orchestrator:Api:TokenFile")
    {
        if (!File.Exists(file)) throw new OptionsException([$"{setting} names {file}, which does not exist."]);
        var tokens = new List<(byte[], string)>();
        var problems = new List<string>();
        var number = 0;
        foreach (var line in File.ReadLines(file))
        {
            number++;
            var words = line.Split('#')[0].Split([' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (words.Length == 0) continue;
            if (words[0].Length == 64 && words[0].All(char.IsAsciiHexDigit)) tokens.Add((Convert.FromHexString(words[0]), words.Length > 1 ? words[1] : $"token{number}"));
            else problems.Add($"{file}:{number}: not a SHA-256 in 64 hexadecimal digits. Make one with: printf %s \"$TOKEN\" | sha256sum");
        }
        if (problems.Count == 0 && tokens.Count == 0) problems.Add($"{setting} names {file}, which holds no token.");
        return problems.Count == 0 ? new(tokens) : throw new OptionsException(problems);
    }

    /// <summary>The name beside a token's hash; null when it is unknown. Takes the same time wherever it stands in the list.</summary>
    public string? NameOf(string token)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(token), hash);
        string? found = null;
        foreach (var (known, name) in tokens)
            if (CryptographicOperations.FixedTimeEquals(known, hash)) found = name;
        return found;
    }
}
