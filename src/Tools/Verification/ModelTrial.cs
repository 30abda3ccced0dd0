using System.Diagnostics;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Reference;
using EdgeRuntime.Tools.Zoo;
using Google.Protobuf;

namespace EdgeRuntime.Tools.Verification;

/// <summary>
/// Tries a whole model: converts it as it is, and compares its outputs with the reference's on several seeded inputs, at several shapes where these are open,
/// and over many steps where it carries state, each side feeding back its own.
/// </summary>
/// <param name="reference">The runtime to compare with.</param>
/// <param name="options">Where ours runs.</param>
/// <param name="steps">Steps of a stream.</param>
/// <param name="caseFolder">Where the first bad layer is written as a test case, or null.</param>
/// <param name="progress">Told the share that is done, from 0 to 1.</param>
/// <param name="stop">Ends it.</param>
internal sealed class ModelTrial(IReferenceRuntime reference, SessionOptions options, int steps, string? caseFolder, Action<double> progress, CancellationToken stop)
{
    /// <summary>Inputs for each set of shapes.</summary>
    private const int Seeds = 3;

    /// <summary>Tries a file.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="source">Where it is from.</param>
    /// <param name="path">The ONNX file.</param>
    /// <param name="facts">What is known of its inputs, or null.</param>
    public TrialResult Run(string name, string source, string path, TrialFacts? facts)
    {
        var clock = Stopwatch.StartNew();
        var result = new TrialResult { Model = name, Source = source, Result = TrialStatus.Failed };
        OnnxModel onnx;
        ConversionResult converted;
        try
        {
            onnx = OnnxReader.Read(path);
            converted = Converter.Convert(onnx);
        }
        catch (EdgeException e)
        {
            return result with { ConvertMs = clock.Elapsed.TotalMilliseconds, Reason = $"it cannot be converted: {e.Problem}" };
        }
        result = result with { ConvertMs = clock.Elapsed.TotalMilliseconds };
        using (converted.Model)
        {
            IReferenceModel theirs;
            try
            {
                theirs = reference.Load(onnx.Proto.ToByteArray(), onnx.Folder, threads: 1, optimize: false);
            }
            catch (EdgeException e)
            {
                return result with { Result = TrialStatus.Skipped, Reason = e.Problem };
            }
            using (theirs)
            {
                try
                {
                    return Compare(result, onnx, converted.Model.Graph, theirs, facts);
                }
                catch (RefusedInputs e)
                {
                    return result with { Result = TrialStatus.Skipped, Reason = e.Message };
                }
            }
        }
    }

    private TrialResult Compare(TrialResult result, OnnxModel onnx, Graph graph, IReferenceModel theirs, TrialFacts? facts)
    {
        IReadOnlyList<(TrialCase Case, Shape[] Shapes)> cases = facts is { Cases.Length: > 0 }
            ? [.. facts.Cases.Select(c => (c, TrialShapes.Of(graph, c)))]
            : [.. TrialShapes.Guess(graph, shapes => Takes(graph, theirs, shapes)).Select(shapes => (new TrialCase(), shapes))];
        if (cases.Count == 0) return result with { Result = TrialStatus.Skipped, Reason = "no sizes of its open dimensions were found that the reference takes" };
        result = result with { Shapes = [.. cases.Select(c => Describe(graph, c.Shapes))] };
        (OutputComparison plain, int inputs, int longest, Tensor[]? worst) = WithSession(graph, ours => Measure(graph, ours, theirs, facts, cases));
        result = result with { Inputs = inputs, Steps = longest };
        if (plain.Passed) return Filled(result, plain) with { Result = TrialStatus.Passed };
        if (plain.Problem is { } problem) return Filled(result, plain) with { Reason = problem };
        // The optimizer fuses quantized operators, and then rounds elsewhere: whoever loads a model without further ado has it so.
        using IReferenceModel optimized = reference.Load(onnx.Proto.ToByteArray(), onnx.Folder, threads: 1, optimize: true);
        (OutputComparison after, _, _, _) = WithSession(graph, ours => Measure(graph, ours, optimized, facts, cases));
        if (after.Passed) return Filled(result, after) with { Result = TrialStatus.Passed, Reason = $"as the reference with its optimizer; without, it differs by {plain.MaxRelative:0.0e+00}" };
        (OutputComparison own, _, _, _) = Measure(graph, values => Run(optimized, graph, values), theirs, facts, cases);
        return Explain(Filled(result, plain) with { ReferenceRel = own.MaxRelative }, onnx, graph, worst!);
    }

    /// <summary>One side of a comparison: outputs by name, for inputs in the order of the graph's.</summary>
    private delegate IReadOnlyDictionary<string, Tensor> Side(Tensor[] inputs);

    /// <summary>Uses our side. It is made when it first runs, so that what is wrong with a plan is found where outputs are compared.</summary>
    private T WithSession<T>(Graph graph, Func<Side, T> use)
    {
        InferenceSession? session = null;
        try
        {
            return use(values =>
            {
                session ??= new InferenceSession(graph, options);
                session.Run(Array.ConvertAll(values, t => t.View));
                return Enumerable.Range(0, graph.Outputs.Count).ToDictionary(i => graph.Outputs[i].Name, i => LayerVerifier.Copy(session.Output(i)));
            });
        }
        finally
        {
            session?.Dispose();
        }
    }

    private static IReadOnlyDictionary<string, Tensor> Run(IReferenceModel model, Graph graph, Tensor[] values)
    {
        try
        {
            model.SetInputs([.. graph.Inputs.Select((v, i) => (v.Name, values[i].View))]);
            return model.RunAndRead();
        }
        catch (EdgeException e)
        {
            throw new RefusedInputs(e);
        }
    }

    /// <summary>The reference does not take inputs that were made up: then there is nothing to compare with.</summary>
    private sealed class RefusedInputs(EdgeException why) : Exception(why.Problem, why);

    private static TrialResult Filled(TrialResult result, OutputComparison comparison) =>
        result with { MaxRel = comparison.MaxRelative, IntegersEqual = comparison.IntegersEqual, ArgMaxEqual = comparison.ArgMaxEqual };

    /// <summary>Runs all cases; how far outputs are from the reference's, and the inputs of the first run that differs.</summary>
    private (OutputComparison Comparison, int Inputs, int Steps, Tensor[]? Worst) Measure(Graph graph, Side ours, IReferenceModel theirs, TrialFacts? facts, IReadOnlyList<(TrialCase Case, Shape[] Shapes)> cases)
    {
        var comparison = new OutputComparison();
        int inputs = 0, longest = 1, done = 0;
        Tensor[]? worst = null;
        try
        {
            foreach ((TrialCase trial, Shape[] shapes) in cases)
            {
                for (int seed = 1; seed <= Seeds && comparison.Problem is null; seed++)
                {
                    (int ran, Tensor[]? bad) = RunStream(graph, ours, theirs, facts, new TrialInputs(graph, trial), shapes, seed, comparison);
                    (inputs, longest) = (inputs + ran, Math.Max(longest, ran));
                    worst ??= bad;
                    progress(++done / (double)(cases.Count * Seeds));
                }
            }
        }
        catch (EdgeException e)
        {
            comparison.Fail(e.Problem);
        }
        return (comparison, inputs, longest, worst);
    }

    /// <summary>Runs one input, or a stream of them when the model turns out to have state; how many steps, and the inputs of the first one that was not as the reference's.</summary>
    private (int Steps, Tensor[]? FirstBad) RunStream(Graph graph, Side ours, IReferenceModel theirs, TrialFacts? facts, TrialInputs made, Shape[] shapes, int seed, OutputComparison comparison)
    {
        Tensor[] ourInputs = made.Make(shapes, seed, 0), theirInputs = ourInputs;
        string?[]? pairs = null;
        Tensor[]? bad = null;
        int count = 1;
        for (int step = 0; step < count; step++)
        {
            stop.ThrowIfCancellationRequested();
            IReadOnlyDictionary<string, Tensor> expected = Run(theirs, graph, theirInputs), actual = ours(ourInputs);
            bool same = true;
            foreach ((string name, Tensor output) in expected)
                if (actual.TryGetValue(name, out Tensor? own)) same &= comparison.Add(step == 0 ? name : $"{name} at step {step}", own.View, output.View);
            if (!same) bad ??= theirInputs;
            if (comparison.Problem is not null) break;
            if (pairs is null)
            {
                pairs = TrialState.Pairs(graph, facts, expected, theirInputs);
                if (pairs.Any(p => p is not null)) count = steps;
            }
            if (step + 1 == count) break;
            shapes = TrialState.Next(graph, pairs, shapes, theirInputs, expected);
            Tensor[] ourNext = made.Make(shapes, seed, step + 1), theirNext = (Tensor[])ourNext.Clone();
            TrialState.Feed(pairs, ourInputs, actual, ourNext);
            TrialState.Feed(pairs, theirInputs, expected, theirNext);
            (ourInputs, theirInputs) = (ourNext, theirNext);
        }
        return (count, bad);
    }

    /// <summary>
    /// Rounding that a network amplifies, and quantized values that round the other way at a tie, make two right implementations drift apart. So each layer is
    /// computed from the reference's values.
    /// </summary>
    private TrialResult Explain(TrialResult result, OnnxModel onnx, Graph graph, Tensor[] inputs)
    {
        try
        {
            (OnnxModel source, IReadOnlyList<LayerResult> layers) = OpenedBranches.Compare(graph, onnx, reference, inputs, TensorDifference.FloatTolerance, options);
            if (layers.FirstOrDefault(l => !l.Passed) is { } bad)
            {
                string reason = $"the first bad layer is '{bad.Name}' ({bad.Operator}, {bad.Kernel}): {bad.Alone!.Difference.MaxRelative:0.0e+00} alone";
                if (caseFolder is not null) reason += $"; saved as {new LayerCase(source, reference, layers.Select(l => l.Name).ToHashSet()).Save(caseFolder, bad.Name, [.. graph.Inputs.Select((v, i) => (v.Name, inputs[i].View))])}";
                return result with { FirstBadLayer = bad.Name, Reason = reason };
            }
            return result with
            {
                Result = TrialStatus.PassedByLayers,
                Reason = $"each of {layers.Count} layers is as the reference's when computed from its values; differences add up. The reference differs from itself by {result.ReferenceRel:0.0e+00} after its optimizer",
            };
        }
        catch (EdgeException e)
        {
            return result with { Reason = $"its layers cannot be compared: {e.Problem}" };
        }
    }

    /// <summary>Whether the reference runs with such shapes.</summary>
    private bool Takes(Graph graph, IReferenceModel theirs, Shape[] shapes)
    {
        stop.ThrowIfCancellationRequested();
        try
        {
            Tensor[] inputs = new TrialInputs(graph, new TrialCase()).Make(shapes, 1, 0);
            theirs.SetInputs([.. graph.Inputs.Select((v, i) => (v.Name, inputs[i].View))]);
            theirs.Run();
            return true;
        }
        catch (EdgeException)
        {
            // Which sizes a model takes is what is being found out.
            return false;
        }
    }

    private static string Describe(Graph graph, Shape[] shapes) => string.Join(' ', graph.Inputs.Select((input, i) => $"{input.Name}={(shapes[i].Rank == 0 ? "scalar" : shapes[i])}"));
}
