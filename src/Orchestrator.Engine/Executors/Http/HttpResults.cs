using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Executors.Artifacts;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.Engine.Executors.Results;

namespace Orchestrator.Engine.Executors.Http;

/// <summary>Makes results of an answer: <c>status</c>, <c>headers</c> with lower-case names, and <c>body</c>, or <c>saved</c> and <c>bytes</c>.</summary>
internal static class HttpResults
{
    private const int SnippetBytes = 2048, SnippetLength = 500;

    /// <summary>The body among the results: a JSON value where the answer says it is JSON and it is, else text.</summary>
    /// <exception cref="OutputProblemException">It is larger than the limit, too deep, or not what its headers say.</exception>
    public static async ValueTask<(ImmutableSortedDictionary<string, JsonElement> Outputs, long Bytes)> ReadAsync(HttpResponseMessage answer, int limit, CancellationToken stop)
    {
        var bytes = await TakeAsync(answer, limit + 1L, keepUnknown: false, stop).ConfigureAwait(false);
        if (bytes.Length > limit)
            throw new OutputProblemException(FailureKind.OutputLimit, $"The body of the answer is larger than {limit} bytes: keep it in a file with `http.save`, or raise `output_limit`.");
        return (Facts(answer).Add("body", Body(answer, bytes)), bytes.Length);
    }

    /// <summary>The body in a file below the run's artifacts, whole or not at all.</summary>
    public static async ValueTask<(ImmutableSortedDictionary<string, JsonElement> Outputs, long Bytes)> SaveAsync(
        HttpResponseMessage answer, TaskAttempt attempt, string save, ProcessTaskOptions options, CancellationToken stop)
    {
        var path = ArtifactPath.Resolve(options.Disk, attempt.RunDirectory, save, attempt.Secrets);
        var body = await HttpCoding.OpenAsync(answer, keepUnknown: true, stop).ConfigureAwait(false);
        await using var _ = body.ConfigureAwait(false);
        var bytes = await ArtifactFile.WriteAsync(options.Disk, path, body, options.ArtifactsLimit, stop).ConfigureAwait(false);
        return (Facts(answer).Add("saved", Json(w => w.WriteStringValue(save))).Add("bytes", Json(w => w.WriteNumberValue(bytes))), bytes);
    }

    /// <summary>The beginning of a body for a sentence, on one line.</summary>
    public static async ValueTask<string> SnippetAsync(HttpResponseMessage answer, CancellationToken stop)
    {
        try
        {
            var text = HttpCharset.Leniently(await TakeAsync(answer, SnippetBytes, keepUnknown: false, stop).ConfigureAwait(false), answer.Content.Headers.ContentType?.CharSet);
            var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            line = new string([.. line.Where(c => !char.IsControl(c))]);
            return line.Length <= SnippetLength ? line : line[..(char.IsHighSurrogate(line[SnippetLength - 1]) ? SnippetLength - 1 : SnippetLength)] + "...";
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OutputProblemException)
        {
            return "";   // the status is what failed; why its body broke off is of no interest
        }
    }

    private static async ValueTask<byte[]> TakeAsync(HttpResponseMessage answer, long most, bool keepUnknown, CancellationToken stop)
    {
        var stream = await HttpCoding.OpenAsync(answer, keepUnknown, stop).ConfigureAwait(false);
        await using var _ = stream.ConfigureAwait(false);
        var taken = new ArrayBufferWriter<byte>(4096);
        while (taken.WrittenCount < most)
        {
            var room = taken.GetMemory(4096);
            if (room.Length > most - taken.WrittenCount) room = room[..(int)(most - taken.WrittenCount)];
            var n = await stream.ReadAsync(room, stop).ConfigureAwait(false);
            if (n == 0) break;
            taken.Advance(n);
        }
        return taken.WrittenSpan.ToArray();
    }

    private static ImmutableSortedDictionary<string, JsonElement> Facts(HttpResponseMessage answer) =>
        ImmutableSortedDictionary<string, JsonElement>.Empty.WithComparers(StringComparer.Ordinal)
            .Add("status", Json(w => w.WriteNumberValue((int)answer.StatusCode)))
            .Add("headers", Json(w => Headers(w, answer)));

    private static void Headers(Utf8JsonWriter writer, HttpResponseMessage answer)
    {
        writer.WriteStartObject();
        foreach (var header in answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated)
            .GroupBy(h => h.Key.ToLowerInvariant(), StringComparer.Ordinal).OrderBy(h => h.Key, StringComparer.Ordinal))
            writer.WriteString(header.Key, string.Join(", ", header.SelectMany(h => h.Value)));
        writer.WriteEndObject();
    }

    private static JsonElement Body(HttpResponseMessage answer, byte[] bytes)
    {
        var type = answer.Content.Headers.ContentType;
        var text = HttpCharset.Decode(bytes, type?.CharSet);
        var isJson = type?.MediaType is { } media && (media.Equals("application/json", StringComparison.OrdinalIgnoreCase) || media.EndsWith("+json", StringComparison.OrdinalIgnoreCase)
            || media.Equals("text/json", StringComparison.OrdinalIgnoreCase));
        if (isJson && text.Length > 0)
        {
            var utf8 = Encoding.UTF8.GetBytes(text);
            if (JsonBounds.Fault(utf8) is { IsTooDeep: true } fault) throw new OutputProblemException(FailureKind.OutputLimit, fault.Of("output 'body'"));
            try
            {
                return JsonBounds.Parse(utf8);
            }
            catch (JsonException) { }   // it says JSON and is not: the text is what there is
        }
        return Json(w => w.WriteStringValue(text));
    }

    private static JsonElement Json(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes)) write(writer);
        return JsonBounds.Parse(bytes.WrittenSpan);
    }
}
