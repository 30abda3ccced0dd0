using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Evaluation;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>
/// Decides which layers stay in floats. All are quantized first; where the bound does not hold, layers are ranked by what they cost, and the fewest from the top of the ranking go back to floats. Each candidate
/// is built and run as it would be shipped. How many are tried depends on the number of layers alone, never on the clock.
/// </summary>
/// <param name="space">The candidates.</param>
/// <param name="measure">The metric.</param>
/// <param name="samples">What the noise of layers is looked at on.</param>
/// <param name="options">The bounds.</param>
internal sealed class AssignmentSearch(CandidateSpace space, AccuracyMeasure measure, SampleSet samples, QuantizationOptions options)
{
    /// <summary>Outside of the mode mixed, of how many layers one may stay in floats, rounded down.</summary>
    public const int FloatShare = 2;

    /// <summary>Layers that are measured one by one, and that are taken back one by one.</summary>
    private const int Measured = 8, TakenBack = 8;

    /// <summary>Layers of few operations stay in floats rather than those of many: below this part of all operations, how few does not matter.</summary>
    private const double SmallShare = 50;

    /// <summary>
    /// How far results may be from the float model's at most, root of <see cref="AccuracyMeasure.Distance"/>, before more layers than the metric asks for go to floats: what a model meets is harder than what it is
    /// calibrated on.
    /// </summary>
    private const double NearEnough = 0.1;

    /// <summary>How far they may be where the metric had few results to tell by.</summary>
    private const double FarEnough = 0.15;

    /// <summary>Layers that are added at once to come nearer, as a share of all.</summary>
    private const int StepShare = 16;

    /// <summary>The last layers may stay in floats, whichever are noisiest, where they have no more than this part of all operations.</summary>
    private const double EndShare = 0.25;

    /// <summary>How much longer an operation of floats takes, in operations of integers, and how long it takes to convert a number. Both are guesses; only their proportion matters, and that the same files are made everywhere.</summary>
    private const double SlowerInFloats = 1, OperationsToConvert = 50;

    /// <summary>Samples that noise is looked at on.</summary>
    private const int NoiseSamples = 4;

    /// <summary>What f16 may lose of the metric, as a share of the bound, to be called nothing.</summary>
    private const double Nothing = 0.05;

    private readonly List<Trial> trials = [];
    private readonly Dictionary<Layer, double> gains = [];
    private int expected = 1;
    private bool hasDistances;

    private double MaxDrop => options.MaxDropBy(measure);

    private bool UsesHalves => options.MostBytes is not null || options.Mode == QuantizationMode.Int8;

    /// <summary>How many layers may stay in floats.</summary>
    private int Most => options.Mode == QuantizationMode.Mixed ? space.Layers.Count : space.Layers.Count < 3 ? 0 : space.Layers.Count / FloatShare;

    /// <summary>Searches.</summary>
    public Assignment Find()
    {
        Trial plain = Try([], false, out Graph graph);
        bool isDoubtful = IsDoubtful(plain);
        LayerNoise[] noise = LayerNoise.Measure(space, graph, samples, NoiseSamples, options.Stop);
        Dictionary<Layer, LayerNoise> noises = space.Layers.Zip(noise).ToDictionary(p => p.First, p => p.Second);
        Dictionary<Layer, double> costs = Holds(plain) && !isDoubtful ? noises.ToDictionary(n => n.Key, n => n.Value.Own) : Costs(noises);
        double some = 1 + space.Layers.Sum(l => (double)l.Operations) / SmallShare;
        List<Layer> ranking = [.. space.Layers.OrderByDescending(space.IsSmallEnd).ThenByDescending(l => costs[l] / (l.Operations + some))];
        Trial chosen = plain;
        string? problem = null;
        if (!Holds(plain) || isDoubtful)
        {
            int most = Most;
            expected = 2 + Math.Min(Measured, ranking.Count) + (int)Math.Ceiling(Math.Log2(most + 1)) + Math.Min(TakenBack, most);
            Measure(ranking, plain);
            if (!Holds(plain)) (chosen, problem) = Fewest(plain, ranking, most);
            if (problem is null && hasDistances && OverBudget(chosen) is null) chosen = Nearer(chosen, ranking, most);
            if (problem is null && OverBudget(chosen) is { } over) (chosen, problem) = Cheapest(plain, chosen, ranking, costs, over);
            if (AtEnd() is { } end && (problem is not null || TimeOf(end) < TimeOf(chosen))) (chosen, problem, ranking) = (end, null, [.. space.Layers.Reverse()]);
        }
        else if (OverBudget(plain) is { } over)
        {
            problem = over;
        }
        if (chosen.InFloats.Count > 0 && problem is null && !chosen.Halves)
        {
            Trial halves = Try([.. chosen.InFloats], true, out _);
            if (Holds(halves) && halves.Value >= chosen.Value - Nothing * MaxDrop) chosen = halves;
        }
        IReadOnlyList<Trial> curve = Curve(chosen, ranking);
        if (chosen != plain) graph = space.Build(chosen.InFloats, chosen.Halves);
        // What is told of the layers is told of the model that is shipped; of one that is refused, how bad they are in integers.
        if (chosen != plain && problem is null) noises = space.Layers.Zip(LayerNoise.Measure(space, graph, samples, NoiseSamples, options.Stop)).ToDictionary(p => p.First, p => p.Second);
        return new Assignment
        {
            Chosen = chosen,
            Graph = graph,
            Problem = problem,
            Plain = plain,
            Noise = noises,
            Gains = gains,
            Ranking = ranking,
            TradeOff = curve,
        };
    }

    private bool Holds(Trial trial) => measure.FloatValue - trial.Value <= MaxDrop;

    /// <summary>True where the bound holds, but a good part of it is lost, of so few results that this proves little, and results are far from the float model's.</summary>
    private bool IsDoubtful(Trial plain) => options.MaxDrop is null && measure.Resolution > QuantizationOptions.DefaultDrop && measure.FloatValue - plain.Value > QuantizationOptions.DefaultDrop / 2 && DistanceOf(plain) is { } distance && Math.Sqrt(distance) > FarEnough;

    private Trial Try(HashSet<Layer> inFloats, bool halves, out Graph graph)
    {
        options.Stop.ThrowIfCancellationRequested();
        options.Progress?.Invoke(expected == 1 ? "measure" : "search", Math.Min(0.99, (double)trials.Count / expected));
        graph = space.Build(inFloats, halves);
        double? time = options.MostMilliseconds is null ? null : Time([graph])[0];
        var trial = new Trial(inFloats, halves, measure.Measure(graph, options.Stop), EdgeWriter.ToArray(new EdgeModel(graph, new ModelMetadata())).LongLength, time);
        trials.Add(trial);
        return trial;
    }

    private Trial Try(HashSet<Layer> inFloats) => trials.Find(t => t.Halves == UsesHalves && t.InFloats.SetEquals(inFloats)) ?? Try(inFloats, UsesHalves && inFloats.Count > 0, out _);

    /// <summary>
    /// The fewest layers at the end with which the bound holds, and results are near enough. There nothing evens out what is rounded any more, pictures have become small, so that floats cost little time, and floats in one
    /// piece need no conversions between them. Null where that is not enough, or takes too much of the operations, or more than may stay in floats.
    /// </summary>
    private Trial? AtEnd()
    {
        Layer[] last = [.. space.Layers.Reverse()];
        double all = space.Layers.Sum(l => (double)l.Operations), sum = 0;
        int most = 0;
        if (space is not Int8Candidates || Array.Exists(last, l => l.Operations == 0)) return null;
        while (most < Math.Min(Most, last.Length) && (sum += last[most].Operations) <= all * EndShare) most++;
        if (most == 0 || Try([.. last.Take(most)]) is var best && (!Holds(best) || OverBudget(best) is not null)) return null;
        int fails = 0, holds = most;
        while (holds - fails > 1)
        {
            int middle = (holds + fails) / 2;
            Trial trial = Try([.. last.Take(middle)]);
            if (Holds(trial) && OverBudget(trial) is null) (holds, best) = (middle, trial);
            else fails = middle;
        }
        return DistanceOf(best) is null ? best : Nearer(best, [.. last], most);
    }

    /// <summary>What floats add to the time of a run, as a number of operations that does not depend on the machine: floats take longer, and where they meet integers each number is converted.</summary>
    private double TimeOf(Trial trial)
    {
        double time = 0;
        for (int i = 0; i < space.Layers.Count; i++)
        {
            Layer layer = space.Layers[i];
            bool inFloats = trial.InFloats.Contains(layer);
            if (inFloats) time += layer.Operations * SlowerInFloats;
            if (i > 0 && inFloats != trial.InFloats.Contains(space.Layers[i - 1]) && layer.Product.Inputs[0]!.Type.Shape is { IsStatic: true } shape) time += shape.Count * OperationsToConvert;
        }
        return time;
    }

    private double? DistanceOf(Trial trial) => measure.Distance(space.Build(trial.InFloats, trial.Halves), options.Stop);

    /// <summary>
    /// What each layer costs by itself: how far the model's results move when only that layer is rounded, where results tell it; else the noise that it adds to its own. The noise of a layer says little of what it does to a
    /// result: scores matter near their threshold, and most of them are far from it.
    /// </summary>
    private Dictionary<Layer, double> Costs(Dictionary<Layer, LayerNoise> noises)
    {
        var distances = new Dictionary<Layer, double>();
        foreach (Layer layer in space.Layers)
        {
            options.Stop.ThrowIfCancellationRequested();
            options.Progress?.Invoke("measure", (double)distances.Count / space.Layers.Count);
            if (space.Alone(layer) is not { } graph || measure.Distance(graph, options.Stop) is not { } distance) return noises.ToDictionary(n => n.Key, n => n.Value.Own);
            distances[layer] = distance;
        }
        hasDistances = true;
        return distances;
    }

    /// <summary>Measures what the noisiest layers cost, one by one, and puts those first that the metric gains by.</summary>
    private void Measure(List<Layer> ranking, Trial plain)
    {
        foreach (Layer layer in ranking.Take(Measured)) gains[layer] = Try([layer]).Value - plain.Value;
        Layer[] order = [.. ranking.OrderByDescending(space.IsSmallEnd).ThenByDescending(l => gains.GetValueOrDefault(l) > 2 * MaxDrop)];
        ranking.Clear();
        ranking.AddRange(order);
    }

    /// <summary>The fewest layers in floats with which the bound holds: by halving, then by taking back each that is not needed.</summary>
    private (Trial Chosen, string? Problem) Fewest(Trial plain, List<Layer> ranking, int most)
    {
        Trial best = most == 0 ? plain : Try([.. ranking.Take(most)]);
        int fails = 0, holds = most;
        if (!Holds(best))
        {
            // What is needed may stand lower in the ranking: then more are too many at first, and few enough when the others are taken back.
            (fails, holds) = (most, most == 0 ? 0 : Math.Min(ranking.Count, most + TakenBack));
            if (holds > most) best = Try([.. ranking.Take(holds)]);
        }
        if (Holds(best))
        {
            while (holds - fails > 1)
            {
                int middle = (holds + fails) / 2;
                Trial trial = Try([.. ranking.Take(middle)]);
                if (Holds(trial)) (holds, best) = (middle, trial);
                else fails = middle;
            }
            // A metric that counts boxes does not see what is taken back: distances do.
            foreach (Layer layer in hasDistances ? [] : ranking.Take(holds).Reverse().Take(TakenBack).ToArray())
            {
                if (best.InFloats.Count <= 1) break;
                Trial without = Try([.. best.InFloats.Where(l => l != layer)]);
                if (Holds(without)) best = without;
            }
            if (best.InFloats.Count <= most) return (best, null);
        }
        // One of those that were tried for the ranking may do where more layers do not.
        if (trials.Where(t => t.InFloats.Count <= most && t.Halves == UsesHalves && Holds(t)).MinBy(t => t.InFloats.Count) is { } lucky) return (lucky, null);
        Trial reached = trials.Where(t => t.InFloats.Count <= most).MaxBy(t => t.Value)!;
        return (reached, $"with {reached.InFloats.Count} of {ranking.Count} layers in floats, of the {most} that {options.Mode.NameOf()} allows");
    }

    /// <summary>More layers of the ranking in floats, until results are near enough.</summary>
    private Trial Nearer(Trial chosen, List<Layer> ranking, int most)
    {
        int step = Math.Max(1, ranking.Count / StepShare);
        for (int count = chosen.InFloats.Count; ; count = Math.Min(count + step, most))
        {
            HashSet<Layer> inFloats = [.. ranking.Take(count)];
            bool isLast = count >= most;
            if (!isLast && measure.Distance(space.Build(inFloats, UsesHalves), options.Stop) is { } distance && Math.Sqrt(distance) > NearEnough) continue;
            Trial nearer = Try(inFloats);
            return Holds(nearer) && OverBudget(nearer) is null ? nearer : chosen;
        }
    }

    /// <summary>Once more with another ranking: layers first that take off much noise for what they cost.</summary>
    private (Trial Chosen, string? Problem) Cheapest(Trial plain, Trial first, List<Layer> ranking, Dictionary<Layer, double> costs, string over)
    {
        Layer[] order = [.. ranking.OrderByDescending(l => Math.Max(costs[l], 1e-12) / (options.MostBytes is null ? 1.0 + l.Operations : 1.0 + l.Weights))];
        (Trial second, string? problem) = Fewest(plain, [.. order], Most);
        return problem is null && OverBudget(second) is null ? (second, null) : (first, over);
    }

    private string? OverBudget(Trial trial)
    {
        if (options.MostBytes is { } bytes && trial.Bytes > bytes) return $"its file takes {trial.Bytes / 1e3:0} kB, and {bytes / 1e3:0} kB are allowed";
        if (options.MostMilliseconds is { } limit && trial.Milliseconds > limit) return $"a run takes {trial.Milliseconds:0.00} ms here, and {limit:0.00} ms are allowed";
        return null;
    }

    /// <summary>The candidates along the ranking; for a report some more of them, with times.</summary>
    private IReadOnlyList<Trial> Curve(Trial chosen, List<Layer> ranking)
    {
        if (options.TradeOff)
        {
            for (int count = 1; count < ranking.Count; count *= 2) Try([.. ranking.Take(count)]);
            Try([.. ranking]);
        }
        // Other weights of layers in floats make no other point, but for the candidate that is shipped.
        List<Trial> along = [.. trials.Where(t => t == chosen || (t.InFloats.Count != chosen.InFloats.Count && ranking.Take(t.InFloats.Count).All(t.InFloats.Contains))).DistinctBy(t => t.InFloats.Count).OrderBy(t => t.InFloats.Count)];
        if (!options.TradeOff) return along;
        double[] times = Time([.. along.Select(t => space.Build(t.InFloats, t.Halves))]);
        return [.. along.Select((t, i) => t with { Milliseconds = times[i] })];
    }

    private double[] Time(IReadOnlyList<Graph> graphs)
    {
        Tensor[] inputs = samples.Inputs(0);
        double[] times = LatencyProbe.Minima(graphs, inputs, options.Stop);
        foreach (Tensor input in inputs) input.Dispose();
        return times;
    }
}
