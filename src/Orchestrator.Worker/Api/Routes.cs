using Orchestrator.Worker.Api.Backfills;
using Orchestrator.Worker.Api.Schedules;

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
