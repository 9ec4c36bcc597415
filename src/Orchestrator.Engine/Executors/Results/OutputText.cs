using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Engine.Executors.Results;

/// <summary>
/// Reads what a task wrote to $ORCHESTRATOR_OUTPUT: lines <c>key=value</c>, <c>key&lt;&lt;WORD</c> with the value's lines up to a line WORD,
/// and JSON objects, on one line or over several. Later keys win; empty lines mean nothing, and lines may end with CRLF.
/// </summary>
internal static class OutputText
{
    public const string KeyRule = "a key is a letter or '_' followed by at most 99 letters, digits, '_' or '-'";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="OutputProblemException">A line is malformed; the message names it.</exception>
    public static void Read(ReadOnlySpan<byte> file, ImmutableSortedDictionary<string, JsonElement>.Builder outputs)
    {
        var number = 0;
        while (TakeLine(ref file, ref number, out var bytes))
        {
            if (bytes.IsEmpty) continue;
            var line = Decode(bytes, number);
            if (line[0] == '{')
                ReadJson(bytes, ref file, ref number, outputs);
            else
                ReadPair(line, ref file, ref number, outputs);
        }
    }

    /// <summary>Takes over the keys of a JSON object known to be one.</summary>
    /// <exception cref="OutputProblemException">A key is malformed, or it is too deep.</exception>
    public static void ReadObject(byte[] json, ImmutableSortedDictionary<string, JsonElement>.Builder outputs)
    {
        if (IsTooDeep(json)) throw new OutputProblemException(FailureKind.OutputLimit, $"The JSON line on standard output is nested more than {JsonBounds.MaxDepth} levels deep.");
        foreach (var property in JsonBounds.Parse(json).EnumerateObject())
            outputs[IsKey(property.Name) ? property.Name
                : throw new OutputProblemException(FailureKind.Error, $"A key of the JSON line on standard output is malformed: {KeyRule}.")] = property.Value;
    }

    public static bool IsKey(string key)
    {
        if (key.Length is 0 or > 100 || !(char.IsAsciiLetter(key[0]) || key[0] == '_')) return false;
        foreach (var c in key)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-')) return false;
        return true;
    }

    private static void ReadPair(string line, ref ReadOnlySpan<byte> file, ref int number, ImmutableSortedDictionary<string, JsonElement>.Builder outputs)
    {
        var equals = line.IndexOf('=', StringComparison.Ordinal);
        var heredoc = line.IndexOf("<<", StringComparison.Ordinal);
        if (heredoc >= 0 && (equals < 0 || heredoc < equals))
        {
            var start = number;
            var key = Checked(line[..heredoc], start);
            outputs[key] = Text(Heredoc(line[(heredoc + 2)..], ref file, ref number, start));
        }
        else if (equals >= 0)
            outputs[Checked(line[..equals], number)] = Text(line[(equals + 1)..]);
        else
            throw Malformed(number, "it is neither key=value, key<<WORD nor a JSON object");
    }

    private static string Heredoc(string word, ref ReadOnlySpan<byte> file, ref int number, int start)
    {
        if (word.Length == 0) throw Malformed(start, "a word must follow '<<'");
        var text = new StringBuilder();
        while (TakeLine(ref file, ref number, out var bytes))
        {
            var line = Decode(bytes, number);
            if (line == word) return text.Length == 0 ? "" : text.ToString(0, text.Length - 1);
            text.Append(line).Append('\n');
        }
        throw Malformed(start, $"the line '{word}' that ends the value is missing");
    }

    // An object that a tool printed for people to read has a line for each member.
    private static void ReadJson(scoped ReadOnlySpan<byte> line, ref ReadOnlySpan<byte> file, ref int number, ImmutableSortedDictionary<string, JsonElement>.Builder outputs)
    {
        var start = number;
        var text = line.ToArray();
        var length = EndOfObject(text);
        if (length < 0)
        {
            text = [.. text, (byte)'\n', .. file];
            length = EndOfObject(text);
            if (length < 0)
                throw IsTooDeep(text) ? new OutputProblemException(FailureKind.OutputLimit, $"Line {start} of $ORCHESTRATOR_OUTPUT holds JSON that is nested more than {JsonBounds.MaxDepth} levels deep.")
                    : Malformed(start, "it begins with '{', but there is no whole JSON object from there on");
            file = text.AsSpan(length);
            number += text.AsSpan(0, length).Count((byte)'\n');
            if (!TakeLine(ref file, ref number, out var rest)) rest = default;
            else number--;
            if (!rest.Trim(" \t"u8).IsEmpty) throw Malformed(number, "text follows the '}' of a JSON object");
        }
        else if (!text.AsSpan(length).Trim(" \t"u8).IsEmpty) throw Malformed(start, "text follows the '}' of a JSON object");
        foreach (var property in JsonBounds.Parse(text.AsSpan(0, length)).EnumerateObject()) outputs[Checked(property.Name, start)] = property.Value;
    }

    /// <summary>Where the object at the beginning of a text ends; -1 where there is none whole.</summary>
    private static int EndOfObject(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text, isFinalBlock: false, new(new JsonReaderOptions { MaxDepth = JsonBounds.Reading.MaxDepth }));
        try
        {
            while (reader.Read())
                if (reader.TokenType == JsonTokenType.EndObject && reader.CurrentDepth == 0) return (int)reader.BytesConsumed;
            return -1;
        }
        catch (JsonException)
        {
            return -1;
        }
    }

    // What can be read at all is looked at again value by value, where each has a name.
    private static bool IsTooDeep(ReadOnlySpan<byte> json) => JsonBounds.Fault(json, JsonBounds.MaxStoredDepth) is { IsTooDeep: true };

    private static string Checked(string key, int number) => IsKey(key) ? key : throw Malformed(number, KeyRule);

    private static JsonElement Text(string value) => JsonSerializer.SerializeToElement(value, OutputJson.Default.String);

    private static string Decode(ReadOnlySpan<byte> line, int number)
    {
        try { return Strict.GetString(line); }
        catch (DecoderFallbackException) { throw Malformed(number, "it is not valid UTF-8; encode binary results, for example with base64"); }
    }

    private static bool TakeLine(ref ReadOnlySpan<byte> file, ref int number, out ReadOnlySpan<byte> line)
    {
        line = default;
        if (file.IsEmpty) return false;
        number++;
        var end = file.IndexOf((byte)'\n');
        line = end < 0 ? file : file[..end];
        if (line is [.., (byte)'\r']) line = line[..^1];
        file = end < 0 ? default : file[(end + 1)..];
        return true;
    }

    // The line itself stays out of the message: it may hold a secret.
    private static OutputProblemException Malformed(int number, string why) =>
        new(FailureKind.Error, $"Line {number} of $ORCHESTRATOR_OUTPUT is malformed: {why}.");
}
