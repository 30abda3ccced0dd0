using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Tools.Evaluation;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Conversion;

/// <summary>Whether what the zoo says of one model holds for another, such as the same network trained on other pictures.</summary>
internal static class LikenessCheck
{
    /// <summary>What the zoo says of a model, for a graph that is like it.</summary>
    /// <param name="own">What is known of the graph: its name, licence and source stay.</param>
    /// <param name="like">The model of the zoo.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="labels">Names of its classes, or null for the same as the zoo's.</param>
    /// <exception cref="EdgeException">It has other inputs or outputs.</exception>
    public static ModelMetadata Take(ModelMetadata own, ZooModel like, Graph graph, IReadOnlyList<string>? labels = null)
    {
        ModelMetadata facts = like.Metadata();
        ModelMetadata taken = own with { Task = facts.Task, Image = facts.Image, Sound = facts.Sound, State = facts.State, Decoder = facts.Decoder, Labels = labels ?? facts.Labels };
        (int width, int height) = (0, 0);
        if (taken.Image is { } image)
        {
            Value input = graph.Inputs.FirstOrDefault(i => i.Name == image.Input)
                ?? throw Unlike(graph, like, $"its picture would be the input '{image.Input}', and it has {Names(graph.Inputs.Select(i => i.Name))}");
            try
            {
                (width, height, _) = ImagePreprocessor.SizeOf(image, input.Type);
            }
            catch (EdgeException e)
            {
                throw Unlike(graph, like, e.Problem.TrimEnd('.'));
            }
        }
        foreach ((string input, string output) in taken.State)
        {
            if (graph.Inputs.All(i => i.Name != input)) throw Unlike(graph, like, $"state would go into the input '{input}', and it has {Names(graph.Inputs.Select(i => i.Name))}");
            if (graph.Outputs.All(o => o.Name != output)) throw Unlike(graph, like, $"state would come from the output '{output}', and it has {Names(graph.Outputs.Select(o => o.Name))}");
        }
        if (taken.Sound is { } sound && graph.Inputs.All(i => i.Name != sound.Input))
            throw Unlike(graph, like, $"its sound would be the input '{sound.Input}', and it has {Names(graph.Inputs.Select(i => i.Name))}");
        if (taken.Decoder is { } decoder) CheckDecoder(taken, decoder, like, graph, width, height);
        return taken;
    }

    private static void CheckDecoder(ModelMetadata taken, DecoderInfo decoder, ZooModel like, Graph graph, int width, int height)
    {
        foreach ((string role, string output) in decoder.Outputs)
            if (graph.Outputs.All(o => o.Name != output)) throw Unlike(graph, like, $"its '{role}' would be the output '{output}', and it has {Names(graph.Outputs.Select(o => o.Name))}");
        if (!Decoders.Has(decoder.Kind)) return;
        try
        {
            Decoders.Create(new DecoderRequest(taken.Name, decoder, new KeptOutputs(graph), width, height, null) { Labels = taken.Labels });
        }
        catch (EdgeException e)
        {
            throw Unlike(graph, like, e.Problem.TrimEnd('.'));
        }
    }

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"'{n}'"));

    private static EdgeException Unlike(Graph graph, ZooModel like, string reason) => new(ErrorCode.BadUsage,
        $"'{graph.Name}' is not like {like.Name} of the zoo: {reason}.", "Leave out --like, or name a model with the same inputs and outputs; `edgert inspect` shows them.");
}
