using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;

namespace EdgeRuntime.Tools.Passes;

/// <summary>What <c>convert</c> does to a graph, in order. A pass runs when those before it find nothing more, until none finds anything; then the bodies of operators are gone through in the same way.</summary>
internal static class PassPipeline
{
    /// <summary>The passes. Constants first, so that shapes are known; layout before fusion, so that what belongs together meets.</summary>
    public static IReadOnlyList<GraphPass> All { get; } =
    [
        new("fold constants", FoldConstants.Visit),
        new("take known branches", TakeKnownBranches.Visit),
        new("remove identities", RemoveIdentities.Visit),
        new("unstride convolutions", UnstrideConvolution.Visit),
        new("cancel pairs", CancelPairs.Visit),
        new("recognise pads", RecognisePads.Visit),
        new("recognise pixel shuffles", RecognisePixelShuffle.Visit),
        new("simplify powers", SimplifyPowers.Visit),
        new("recognise normalisations", RecogniseNormalization.Visit),
        new("recognise GELU", RecogniseGelu.Visit),
        new("recognise slopes", RecogniseSlopes.Visit),
        new("eliminate transposes", EliminateTransposes.Visit),
        new("sink transposes", SinkTransposes.Visit),
        new("sink reshapes", SinkReshapes.Visit),
        new("merge duplicates", MergeDuplicates.Visit),
        new("recognise activations", RecogniseActivations.Visit),
        new("fuse operand transposes", FuseOperandTranspose.Visit),
        new("merge scalars", MergeScalars.Visit),
        new("recognise attention", RecogniseAttention.Visit),
        new("fuse pads", FusePad.Visit),
        new("raise quantizations", RaiseQuantize.Visit),
        new("quantize operators", QuantizeOperators.Visit),
        new("sink dequantizations", SinkDequantize.Visit),
        new("join phases", JoinPhases.Visit),
        new("fuse scales", FuseScale.Visit),
        new("fuse biases", FuseBias.Visit),
        new("fuse scales of inputs", FuseInputScale.Visit),
        new("fuse residuals", FuseResidual.Visit),
        new("narrow residuals", NarrowResidual.Visit),
        new("fuse activations", FuseActivation.Visit),
        new("quantize products", QuantizedProducts.Visit),
        new("products of bytes", ByteProducts.Visit),
        new("fuse scaled sums", FuseScaledSums.Visit),
        new("fold dequantized", FoldDequantized.Visit),
    ];

    /// <summary>
    /// What is done to a graph before it is quantized: all that makes it simpler, but sums and functions stay nodes of their own where integers have an operator for them; a clamp is the same before
    /// and after quantization, and some functions are part of convolutions.
    /// </summary>
    public static IReadOnlyList<GraphPass> BeforeQuantization { get; } =
    [
        .. All.Where(p => p.Visit != FuseResidual.Visit && p.Visit != NarrowResidual.Visit).Select(p => p.Visit == FuseActivation.Visit ? new GraphPass("fuse activations of integers", FuseActivation.VisitInteger) : p),
    ];

    /// <summary>More rounds than any graph needs: two passes that undo each other must not hang the converter.</summary>
    private const int MostRounds = 1000;

    /// <summary>Runs all passes to a fixed point, verifying after each; what nobody reads is dropped on the way.</summary>
    /// <param name="graph">The graph; it is changed.</param>
    /// <param name="dump">Sees each pass's name and the graph after it, when it changed anything.</param>
    public static IReadOnlyList<PassReport> Run(Graph graph, Action<string, Graph>? dump = null) => Run(graph, All, dump);

    /// <summary>Runs the given passes to a fixed point.</summary>
    public static IReadOnlyList<PassReport> Run(Graph graph, IReadOnlyList<GraphPass> passes, Action<string, Graph>? dump = null)
    {
        int[] edits = new int[passes.Count], removed = new int[passes.Count];
        int before = graph.Nodes.Count;
        bool dead = graph.RemoveDeadNodes();
        int deadNodes = before - graph.Nodes.Count;
        if (dead) dump?.Invoke("remove dead nodes", graph);

        var bodies = new BodyPasses(passes);
        for (bool again = true; again;)
        {
            Settle(graph, passes, edits, removed, dump);
            int changed = bodies.Run(graph);
            again = changed > 0;
            if (again) dump?.Invoke($"bodies of {changed} nodes", graph);
        }
        return [new PassReport("remove dead nodes", dead ? 1 : 0, deadNodes), .. passes.Select((p, i) => new PassReport(p.Name, edits[i], removed[i]))];
    }

    private static void Settle(Graph graph, IReadOnlyList<GraphPass> passes, int[] edits, int[] removed, Action<string, Graph>? dump)
    {
        // Whenever a pass finds something, all before it look again: fusing must not hide what they would have recognised.
        int rounds = 0;
        for (int i = 0; i < passes.Count; i++)
        {
            int before = graph.Nodes.Count;
            int applied = Sweep(graph, passes[i]);
            if (applied == 0) continue;
            if (++rounds > MostRounds) throw new EdgeException(ErrorCode.InvalidGraph, $"The passes on '{graph.Name}' come to no rest in {MostRounds} rounds.");
            GraphVerifier.Verify(graph);
            edits[i] += applied;
            removed[i] += before - graph.Nodes.Count;
            dump?.Invoke(passes[i].Name, graph);
            i = -1;
        }
    }

    private static int Sweep(Graph graph, GraphPass pass)
    {
        int applied = 0;
        foreach (Node node in graph.Nodes.ToArray())
        {
            // An earlier edit of this sweep may have made the node superfluous.
            if (node.Outputs.All(o => o.Consumers.Count == 0 && !graph.IsOutput(o))) continue;
            if (pass.Visit(graph, node) is not { } patch) continue;
            graph.Apply(patch);
            applied++;
        }
        return applied;
    }
}
