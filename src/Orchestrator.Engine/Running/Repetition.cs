using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Running;

/// <summary>
/// Submits the run that repeats a failed one. It is accepted before the failed one ends: a crash in between does it again, under the same id.
/// </summary>
internal static class Repetition
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <param name="accepted">Called once: with null, or with the reason for the refusal, since the failed run must end all the same. Not called when the
    /// worker stops: the process that takes the run over submits it.</param>
    public static async Task SubmitAsync(Func<Task> submit, Func<bool> isDraining, TimeProvider clock, Action<string?> accepted)
    {
        while (true)
        {
            try
            {
                await submit().ConfigureAwait(false);
                accepted(null);
                return;
            }
            catch (EngineStoppingException) { return; }
            catch (JournalUnavailableException)
            {
                if (isDraining()) return;
                await Task.Delay(RetryDelay, clock).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                accepted(e.Message);
                return;
            }
        }
    }
}
