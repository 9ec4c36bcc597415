using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Orchestrator.Core;

namespace Orchestrator.Engine.Hosting.Options;

/// <summary>One section of the configuration while it is read: typed values, and problems that name key and found value.</summary>
internal sealed class OptionsSection(IConfigurationSection section, string folder, List<string> problems)
{
    public OptionsSection Child(string key) => new(section.GetSection(key), folder, problems);

    public bool Has(string key) => section.GetSection(key).Exists();

    /// <summary>The keys of a section whose keys are names somebody chose.</summary>
    public IEnumerable<string> Names(Regex shape, string must)
    {
        if (section.Value is { Length: > 0 }) problems.Add($"{section.Path} must be an object.");
        foreach (var child in section.GetChildren())
            if (shape.IsMatch(child.Key)) yield return child.Key;
            else problems.Add($"{child.Path}: a name consists of {must}.");
    }

    /// <summary>A problem whose value must not be shown.</summary>
    public void Refuse(string key, string must) => problems.Add($"{section.Path}:{key} {must}.");

    /// <summary>Reports keys that mean nothing: most often a misspelling that would otherwise be a silent default.</summary>
    public void AllowOnly(ImmutableArray<string> known, bool isSecret = false)
    {
        foreach (var child in section.GetChildren())
            if (!known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                problems.Add(string.Join(' ', [$"{child.Path} is not a setting.", .. Guess(child.Key), $"Known here: {string.Join(", ", known)}."]));
        if (section.Value is { Length: > 0 } value) problems.Add(isSecret ? $"{section.Path} must be an object." : $"{section.Path} must be an object, was '{value}'.");

        IEnumerable<string> Guess(string key) => Suggest.DidYouMean(key, known) is { Length: > 0 } guess ? [guess] : [];
    }

    public string? Text(string key) => section[key] is { Length: > 0 } text ? text : null;

    /// <summary>A path; relative ones start at the configuration file's folder.</summary>
    public string? File(string key) => Text(key) is { } path ? Resolve(path) : null;

    public string Resolve(string path) => Path.GetFullPath(path, folder);

    public ImmutableArray<string> List(string key)
    {
        var at = section.GetSection(key);
        if (at.Value is { Length: > 0 } one) return [.. one.Split([',', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        return [.. at.GetChildren().Select(c => c.Value).OfType<string>().Where(v => v.Length > 0)];
    }

    public string? Matching(string key, Regex shape, string must)
    {
        if (Text(key) is not { } text) return null;
        if (!shape.IsMatch(text)) Report(key, $"must be {must}", text);
        return text;
    }

    public Uri? HttpUrl(string key, bool allowTls)
    {
        if (Text(key) is not { } text) return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || (allowTls && url.Scheme == Uri.UriSchemeHttps))) return url;
        Report(key, allowTls ? "must be an absolute http or https address" : "must be an absolute http address, such as http://127.0.0.1:8080", text);
        return null;
    }

    public int Whole(string key, int fallback, int least, int most)
    {
        if (Text(key) is not { } text) return fallback;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most) return value;
        Report(key, $"must be a whole number from {least} to {most}", text);
        return fallback;
    }

    public double? Number(string key, double least, double most)
    {
        if (Text(key) is not { } text) return null;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most) return value;
        Report(key, string.Create(CultureInfo.InvariantCulture, $"must be a number from {least} to {most}"), text);
        return null;
    }

    /// <summary>A section whose keys are names of the user's choice, each with a number.</summary>
    public ImmutableSortedDictionary<string, double> EachNumber(double least, double most) =>
        Each(key => Number(key, least, most));

    /// <summary>A section whose keys are names of the user's choice, each with a whole number.</summary>
    public ImmutableSortedDictionary<string, int> EachWhole(int least, int most) =>
        Each(key => Text(key) is null ? default(int?) : Whole(key, least, least, most));

    public TEnum Word<TEnum>(string key, TEnum fallback) where TEnum : struct, Enum
    {
        if (Text(key) is not { } text) return fallback;
        if (Words.TryParse<TEnum>(text, out var value)) return value;
        Report(key, $"must be one of {string.Join(", ", Words.All<TEnum>())}", text);
        return fallback;
    }

    public TimeSpan Duration(string key, TimeSpan fallback, TimeSpan most)
    {
        if (Text(key) is not { } text) return fallback;
        if (Quantity.TryDuration(text, out var value) && value <= most) return value;
        Report(key, $"must be a duration such as 250ms, 30s, 5m or 2h, at most {most.TotalMinutes:0} minutes", text);
        return fallback;
    }

    /// <summary>A mode in octal, which holds at least what <paramref name="least"/> does: the owner must be able to work.</summary>
    public UnixFileMode Mode(string key, UnixFileMode fallback, UnixFileMode least)
    {
        if (Text(key) is not { } text) return fallback;
        var most = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute | UnixFileMode.SetGroup;
        if (text.Length is 3 or 4 && text.All(c => c is >= '0' and <= '7') && (UnixFileMode)Convert.ToInt32(text, 8) is var mode && (mode & least) == least && (mode | most) == most) return mode;
        Report(key, $"must be a mode in octal that lets the owner work, such as {Convert.ToString((int)least, 8).PadLeft(4, '0')}", text);
        return fallback;
    }

    public bool Flag(string key, bool fallback)
    {
        if (Text(key) is not { } text) return fallback;
        if (bool.TryParse(text, out var value)) return value;
        Report(key, "must be true or false", text);
        return fallback;
    }

    public long Size(string key, long fallback, long least, long most)
    {
        if (Text(key) is not { } text) return fallback;
        if (Quantity.TrySize(text, out var value) && value >= least && value <= most) return value;
        Report(key, $"must be a size from {least} bytes to {most} bytes, such as 64KiB or 10MiB", text);
        return fallback;
    }

    private ImmutableSortedDictionary<string, TValue> Each<TValue>(Func<string, TValue?> read) where TValue : struct
    {
        if (section.Value is { Length: > 0 } text) problems.Add($"{section.Path} must be an object of names and numbers, was '{text}'.");
        var values = ImmutableSortedDictionary.CreateBuilder<string, TValue>(StringComparer.Ordinal);
        foreach (var child in section.GetChildren())
            if (read(child.Key) is { } value) values[child.Key] = value;
            else if (Text(child.Key) is null) Report(child.Key, "must be a number", "");
        return values.ToImmutable();
    }

    private void Report(string key, string must, string found) => problems.Add($"{section.Path}:{key} {must}, was '{found}'.");
}
