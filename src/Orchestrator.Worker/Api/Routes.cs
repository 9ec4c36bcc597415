using Orchestrator.Worker.Api.Backfills;
using Orchestrator.Worker.Api.Documents;
using Orchestrator.Worker.Api.Events;
using Orchestrator.Worker.Api.Local;
using Orchestrator.Worker.Api.Runs;
using Orchestrator.Worker.Api.Schedules;
using Orchestrator.Worker.Api.Status;
using Orchestrator.Worker.Api.Why;
using Orchestrator.Worker.Api.Workflows;

namespace Orchestrator.Worker.Api;

/// <summary>Every resource of the API.</summary>
internal static class Routes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        HealthEndpoints.Map(routes);
        MetricsEndpoint.Map(routes);
        DocumentEndpoints.Map(routes);
        WorkflowEndpoints.Map(routes);
        ScheduleEndpoints.Map(routes);
        BackfillEndpoints.Map(routes);
        ScheduleActionEndpoints.Map(routes);
        RunNowEndpoint.Map(routes);
        LookEndpoint.Map(routes);
        RunEndpoints.Map(routes);
        WhyEndpoints.Map(routes);
        EventStreamEndpoints.Map(routes);
        ArtifactEndpoints.Map(routes);
        AnswerEndpoints.Map(routes);
        RetryEndpoints.Map(routes);
        LocalEndpoints.Map(routes);
        LetterEndpoints.Map(routes);
        Triggers.TriggerEndpoints.Map(routes);
        Triggers.TriggerListEndpoints.Map(routes);
        Triggers.EventEndpoints.Map(routes);
    }
}
