using System.Net;
using Microsoft.Extensions.Logging;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.Engine.Executors.Results;
using Orchestrator.Engine.Secrets;
using Orchestrator.Engine.Telemetry.Tracing;

namespace Orchestrator.Engine.Executors.Http;

/// <summary>Kind http: one request over a pool of connections that all attempts share.</summary>
public sealed class HttpTaskExecutor(ProcessTaskOptions options, TimeProvider clock, ILogger<HttpTaskExecutor> log) : ITaskExecutor, IDisposable
{
    private readonly ProcessTaskOptions _options = options.Checked();
    private readonly HttpTransport _transport = new();
    private readonly RunFolders _folders = new(options.Disk);

    /// <inheritdoc/>
    public async ValueTask<TaskOutcome> ExecuteAsync(TaskAttempt attempt, CancellationToken stop)
    {
        if (stop.IsCancellationRequested) return new TaskOutcome.Cancelled();
        // Names of hosts are lower case whatever was written.
        var secrets = attempt.Secrets.Any(s => s.Any(char.IsUpper)) ? SecretPatterns.Of([.. attempt.Secrets, .. attempt.Secrets.Select(s => s.ToLowerInvariant())]) : attempt.Patterns;
        if (secrets is not null) SecretMarks.Set(text => SecretMasker.Apply(secrets, text));
        HttpLog? said = null;
        TaskOutcome outcome;
        try
        {
            _folders.Ensure(attempt.RunDirectory);
            said = new(attempt, secrets, _options, clock, log);
            outcome = await CallAsync(attempt, said, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            outcome = new TaskOutcome.Cancelled();
        }
        catch (HttpRefusedException e)
        {
            outcome = new TaskOutcome.Failed(FailureKind.Error, e.Message, Retryable: false).By(e);
        }
        catch (OutputProblemException e)
        {
            outcome = new TaskOutcome.Failed(e.Kind, e.Message, Retryable: false).By(e);
        }
        catch (Exception e) when (HttpFailure.Explain(e, attempt.Invocation.Http!.Url) is { } failed)
        {
            outcome = failed.By(e);
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException or ArgumentException or FormatException)
        {
            outcome = new TaskOutcome.Failed(FailureKind.Error, $"The request cannot be made: {e.Message}", Retryable: false).By(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            outcome = new TaskOutcome.Failed(FailureKind.Error, $"The run's folder cannot be used: {e.Message}").By(e);
        }
        if (outcome is TaskOutcome.Failed told) outcome = told with { Message = SecretMasker.Apply(secrets, told.Message) };
        said?.Ended(outcome);
        said?.Dispose();
        return said is null ? outcome : outcome with { LogRef = said.LogRef };
    }

    /// <summary>Closes the pool. Attempts must have ended.</summary>
    public void Dispose() => _transport.Dispose();

    private async ValueTask<TaskOutcome> CallAsync(TaskAttempt attempt, HttpLog said, CancellationToken stop)
    {
        var action = (HttpAction)attempt.Task.Action;
        var expected = ExpectedStatuses.Of(action.Expect);
        using var answer = await _transport.SendAsync(attempt, action.Method, expected, said, stop).ConfigureAwait(false);
        said.Answered(answer);
        if (!expected.Include((int)answer.StatusCode)) return await UnexpectedAsync(answer, action, stop).ConfigureAwait(false);
        var outputs = attempt.Invocation.Http!.Save is { Length: > 0 } save
            ? await HttpResults.SaveAsync(answer, attempt, save, _options, stop).ConfigureAwait(false)
            : await HttpResults.ReadAsync(answer, ResultLimit.Of(attempt.Task, _options), stop).ConfigureAwait(false);
        said.Read(outputs.Bytes);
        return new TaskOutcome.Succeeded { Outputs = outputs.Outputs };
    }

    private async ValueTask<TaskOutcome> UnexpectedAsync(HttpResponseMessage answer, HttpAction action, CancellationToken stop)
    {
        var status = (int)answer.StatusCode;
        var body = await HttpResults.SnippetAsync(answer, stop).ConfigureAwait(false);
        var wanted = action.Expect.IsDefaultOrEmpty ? "2xx" : string.Join(", ", action.Expect);
        var to = answer.Headers.Location is { } location ? $" It points to {location}." : "";
        return new TaskOutcome.Failed(
            FailureKind.HttpStatus,
            $"The answer was {status} {answer.ReasonPhrase ?? ((HttpStatusCode)status).ToString()}, expected was {wanted}.{to}{(body.Length == 0 ? "" : $" It says: {body}")}",
            Retryable: status is 408 or 429 or (>= 500 and <= 599))
        {
            HttpStatus = status,
            RetryAfter = RetryAfter(answer),
        };
    }

    private TimeSpan? RetryAfter(HttpResponseMessage answer)
    {
        var after = RetryAfterHeader.Of(answer, clock.GetUtcNow());
        return after > TimeSpan.Zero ? after : null;
    }
}

/// <summary>A request that cannot be made as it is asked for; repeating it would not help.</summary>
internal sealed class HttpRefusedException(string message) : Exception(message);
