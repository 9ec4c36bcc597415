using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Engine.Secrets;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors;

public sealed class SecretMaskerTests
{
    private static readonly string[] s_secrets = ["hunter22", "p&ss \"wörd\" 1", "it's/a+b=c?", "a\\b%41'c d", "<tag attr='1'>", "päßwörd€", "0123-4567", "x y+z/1"];

    public static TheoryData<string> Encoders => ["uri", "uri lower", "form", "json", "json lower", "json relaxed", "slashes", "json twice", "html", "html numbers", "html hex", "set -x", "printf %q", "ansi-c", "octal", "\\x", "hex", "hex upper", "hex dump", "hex colons", "json of uri"];

    [Theory]
    [MemberData(nameof(Encoders))]
    public void Encoded_forms_are_found_by_decoding(string encoder)
    {
        foreach (var secret in s_secrets)
        {
            var text = $"before {Encode(encoder, secret)} after";
            var masked = SecretMasker.Apply(SecretPatterns.Of([secret]), text);
            // A quote around the value may stay or go with it.
            masked.Replace("'", "", StringComparison.Ordinal).Replace("\"", "", StringComparison.Ordinal).Replace("$", "", StringComparison.Ordinal).Replace("\\", "", StringComparison.Ordinal).ShouldBe("before *** after", $"{encoder} of {secret}: {text}: {masked}");
            SecretPatterns.Of([secret])!.FoundIn(text).ShouldBeTrue();
        }
    }

    [Theory]
    [InlineData(0, 0, "")]
    [InlineData(1, 0, "")]
    [InlineData(2, 0, "")]
    [InlineData(7, 0, "url")]
    [InlineData(100, 76, "")]
    [InlineData(101, 64, "")]
    [InlineData(102, 64, "indented")]
    [InlineData(103, 76, "json")]
    [InlineData(104, 0, "uri")]
    public void Base64_is_found_at_any_offset_and_broken_into_lines(int before, int line, string how)
    {
        foreach (var secret in (string[])["hunter22-and-more", "p&ss \"wörd\" ÿþ~~~???>>>"])
        {
            var bytes = (byte[])[.. Enumerable.Range(0, before).Select(i => (byte)(i * 37)), .. Encoding.UTF8.GetBytes(secret), .. "the end"u8];
            var text = Convert.ToBase64String(bytes);
            if (how == "url") text = text.Replace('+', '-').Replace('/', '_');
            if (line > 0) text = string.Join(how == "indented" ? "\r\n    " : "\n", text.Chunk(line).Select(c => new string(c)));
            if (how == "json") text = JsonSerializer.Serialize(text);
            if (how == "uri") text = Uri.EscapeDataString(text);
            var masked = SecretMasker.Apply(SecretPatterns.Of([secret]), "data: " + text);
            masked.ShouldContain("***");
            // Of the digits that hold the secret none but those at its ends are left.
            var core = Convert.ToBase64String(Encoding.UTF8.GetBytes(secret).AsSpan((3 - (before % 3)) % 3))[..^6];
            for (var i = 0; i + 6 <= core.Length; i++)
                masked.Replace("\n", "", StringComparison.Ordinal).Replace('-', '+').Replace('_', '/').ShouldNotContain(core.Substring(i, 6));
        }
    }

    [Fact]
    public void Each_line_of_a_secret_is_one()
    {
        const string key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\n  indented line  \nabc\n-----END KEY-----\n";
        var patterns = SecretPatterns.Of([key]);
        SecretMasker.Apply(patterns, "x MIIEvQIBADANBgkq y").ShouldBe("x *** y");
        SecretMasker.Apply(patterns, "[indented line]").ShouldBe("[***]");
        SecretMasker.Apply(patterns, "abc").ShouldBe("abc", "too short to be one by itself");
        SecretMasker.Apply(patterns, key).ShouldBe("***");
        SecretMasker.Apply(patterns, JsonSerializer.Serialize(key)).ShouldNotContain("MIIE");
        SecretMasker.Apply(patterns, Convert.ToBase64String(Encoding.UTF8.GetBytes(key), Base64FormattingOptions.InsertLineBreaks)).ShouldNotContain(Convert.ToBase64String("MIIEvQIBADAN"u8)[..12]);
    }

    [Fact]
    public void Whatever_the_chunks_the_result_is_the_same() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new System.Random(seed);
            var secrets = Enumerable.Range(0, random.Next(1, 4)).Select(_ => s_secrets[random.Next(s_secrets.Length)]).ToList();
            string[] encoders = [.. Encoders.Select(e => (string)e.Data)];
            var text = new StringBuilder();
            for (var i = 0; i < 8; i++)
                text.Append(random.Next(3) switch
                {
                    0 => new string([.. Enumerable.Range(0, random.Next(8)).Select(_ => "ab%\\&;'\"u041 \n+/=x6"[random.Next(19)])]),
                    1 => Encode(encoders[random.Next(encoders.Length)], secrets[random.Next(secrets.Count)]),
                    _ => Convert.ToBase64String(Encoding.UTF8.GetBytes(secrets[random.Next(secrets.Count)])),
                });
            var bytes = Encoding.UTF8.GetBytes(text.ToString());
            Masked(bytes, secrets, () => random.Next(1, 5)).ShouldBe(Masked(bytes, secrets, () => int.MaxValue));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Texts_without_escapes_are_masked_as_by_a_naive_search() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new System.Random(seed);
            string Letters(int n) => new([.. Enumerable.Range(0, n).Select(_ => "xyz"[random.Next(3)])]);
            var secrets = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Letters(random.Next(1, 9))).ToList();
            var text = string.Concat(Enumerable.Range(0, 12).Select(_ => random.Next(2) == 0 ? Letters(random.Next(6)) : secrets[random.Next(secrets.Count)]));
            Masked(Encoding.UTF8.GetBytes(text), secrets, () => random.Next(1, 5)).ShouldBe(Naive(text, secrets));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void What_cannot_become_a_secret_is_not_held_back()
    {
        var output = new ArrayBufferWriter<byte>();
        var masker = new SecretMasker(SecretPatterns.Of(["hunter22"])!);
        masker.Write("Password: h"u8, output);
        Encoding.UTF8.GetString(output.WrittenSpan).ShouldBe("Password: ");
        masker.Write("!"u8, output);
        Encoding.UTF8.GetString(output.WrittenSpan).ShouldBe("Password: h!");
        masker.Write("waiting for aHVudG\n"u8, output);
        Encoding.UTF8.GetString(output.WrittenSpan).ShouldEndWith("aHVudG\n", Case.Sensitive, "a line of prose is not the first of several lines of digits");
    }

    [Theory]
    [InlineData("hunt")]
    [InlineData("aHVudGVy")]
    public void Nothing_is_held_for_ever(string begun)
    {
        var output = new ArrayBufferWriter<byte>();
        var masker = new SecretMasker(SecretPatterns.Of(["hunter22"])!);
        masker.Write(Encoding.ASCII.GetBytes(begun), output);
        for (var i = 0; i < 1000; i++) masker.Write("\"'\"'"u8, output);
        output.WrittenCount.ShouldBeGreaterThan(3500);
    }

    [Fact]
    public void No_secrets_mean_nothing_to_look_for()
    {
        SecretPatterns.Of([]).ShouldBeNull();
        SecretPatterns.Of([""]).ShouldBeNull();
        SecretPatterns.Of(["abc"], SecretForms.ShortestDistinctive).ShouldBeNull();
    }

    private static string Masked(byte[] text, List<string> secrets, Func<int> next)
    {
        var output = new ArrayBufferWriter<byte>();
        var masker = new SecretMasker(SecretPatterns.Of(secrets)!);
        for (var at = 0; at < text.Length;)
        {
            var n = Math.Min(next(), text.Length - at);
            masker.Write(text.AsSpan(at, n), output);
            at += n;
        }
        masker.Complete(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string Encode(string encoder, string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        return encoder switch
        {
            "uri" => Uri.EscapeDataString(secret),
            "uri lower" => WebUtility.UrlEncode(secret).ToLowerInvariant() is var lower && secret.Any(char.IsUpper) ? Uri.EscapeDataString(secret) : lower,
            "form" => WebUtility.UrlEncode(secret),
            "json" => JsonEncodedText.Encode(secret).ToString(),
            "json lower" => JsonEncodedText.Encode(secret).ToString().Replace("\\u00C3", "\\u00c3", StringComparison.Ordinal).Replace("\\u00F6", "\\u00f6", StringComparison.Ordinal),
            "json relaxed" => JsonEncodedText.Encode(secret, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString(),
            "slashes" => JsonEncodedText.Encode(secret).ToString().Replace("/", "\\/", StringComparison.Ordinal),
            "json twice" => JsonEncodedText.Encode(JsonEncodedText.Encode(secret).ToString()).ToString(),
            "html" => WebUtility.HtmlEncode(secret),
            "html numbers" => string.Concat(secret.Select(c => $"&#{(int)c};")),
            "html hex" => string.Concat(secret.Select(c => $"&#x{(int)c:x};")),
            "set -x" => $"'{secret.Replace("'", "'\\''", StringComparison.Ordinal)}'",
            "printf %q" => string.Concat(secret.Select(c => char.IsAsciiLetterOrDigit(c) || c > 127 ? $"{c}" : $"\\{c}")),
            "ansi-c" => $"$'{string.Concat(bytes.Select(b => b > 127 ? $"\\{Convert.ToString(b, 8)}" : b is (byte)'\'' or (byte)'\\' ? $"\\{(char)b}" : $"{(char)b}"))}'",
            "octal" => string.Concat(bytes.Select(b => $"\\{Convert.ToString(b, 8).PadLeft(3, '0')}")),
            "\\x" => string.Concat(bytes.Select(b => $"\\x{b:x2}")),
            "hex" => Convert.ToHexStringLower(bytes),
            "hex upper" => Convert.ToHexString(bytes),
            "hex dump" => string.Join(' ', bytes.Select(b => b.ToString("x2", System.Globalization.CultureInfo.InvariantCulture))),
            "hex colons" => string.Join(':', bytes.Select(b => b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture))),
            _ => JsonEncodedText.Encode(Uri.EscapeDataString(secret)).ToString(),
        };
    }

    private static string Naive(string text, List<string> secrets)
    {
        var hit = new bool[text.Length];
        foreach (var form in secrets)
            for (var i = text.IndexOf(form, StringComparison.Ordinal); i >= 0; i = text.IndexOf(form, i + 1, StringComparison.Ordinal)) Array.Fill(hit, true, i, form.Length);
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
            if (!hit[i]) result.Append(text[i]);
            else if (i == 0 || !hit[i - 1]) result.Append("***");
        return result.ToString();
    }
}
