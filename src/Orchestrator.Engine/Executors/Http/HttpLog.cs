using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.Engine.Secrets;

namespace Orchestrator.Engine.Executors.Http;

/// <summary>An attempt's log: what was asked, what came back, how large and how long. Neither bodies nor request headers; secrets masked.</summary>
internal sealed class HttpLog : IDisposable
{
    private readonly AttemptLog _file;
    private readonly SecretPatterns? _secrets;
    private readonly TimeProvider _clock;
    private readonly long _started;

    public HttpLog(TaskAttempt attempt, SecretPatterns? secrets, ProcessTaskOptions options, TimeProvider clock, ILogger log)
    {
        var files = new AttemptFiles(attempt);
        LogRef = files.LogRef;
        _file = new(files.Log, options.LogLimit, options.Disk.Modes.File, log);
        (_secrets, _clock, _started) = (secrets, clock, clock.GetTimestamp());
    }

    public string LogRef { get; }

    public void Asked(HttpRequestMessage request) =>
        Say($"> {request.Method} {request.RequestUri}{(request.Content?.Headers.ContentLength is { } bytes ? $" ({bytes} bytes, {request.Content.Headers.ContentType})" : "")}");

    public void Redirected(HttpResponseMessage answer, Uri next) => Say($"< {(int)answer.StatusCode} {answer.ReasonPhrase}, to {next}");

    public void Answered(HttpResponseMessage answer) =>
        Say($"< {(int)answer.StatusCode} {answer.ReasonPhrase} (HTTP/{answer.Version}, {answer.Content.Headers.ContentType?.ToString() ?? "no content type"}) after {Elapsed}");

    public void Read(long bytes) => Say($"< {bytes} bytes after {Elapsed}");

    public void Ended(TaskOutcome outcome)
    {
        if (outcome is TaskOutcome.Failed failed) Say($"[orchestrator: {failed.Message}]");
        else if (outcome is TaskOutcome.Cancelled) Say($"[orchestrator: the request was aborted after {Elapsed}]");
    }

    public void Dispose() => _file.Dispose();

    private string Elapsed => string.Create(CultureInfo.InvariantCulture, $"{_clock.GetElapsedTime(_started).TotalMilliseconds:0} ms");

    private void Say(FormattableString line) =>
        _file.Write(Encoding.UTF8.GetBytes(SecretMasker.Apply(_secrets, line.ToString(CultureInfo.InvariantCulture)) + "\n"));
}
