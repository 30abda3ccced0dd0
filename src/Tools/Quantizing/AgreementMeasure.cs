using EdgeRuntime.Backends;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Evaluation;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>How far a candidate gives the results of the float model, by the <see cref="Agreement"/> that fits the task.</summary>
internal sealed class AgreementMeasure : AccuracyMeasure
{
    /// <summary>Results of the float model that are kept, so that it runs once; of more it runs again for each candidate.</summary>
    private const long MostKeptBytes = 128 << 20;

    /// <summary>Integers are the same everywhere; floats are those of the CPU.</summary>
    private static readonly SessionOptions OnCpu = new() { Backend = BackendKind.Cpu };

    /// <summary>Samples that distances are looked at on.</summary>
    private const int DistanceSamples = 8;

    private readonly EdgeModel reference;
    private readonly SampleSet samples;
    private readonly List<Tensor[]> kept = [];
    private readonly string name;
    private long keptBytes;
    private InferenceSession? session;
    private bool findsNothing;
    private double resolution;

    /// <summary>Prepares.</summary>
    /// <param name="reference">The float model.</param>
    /// <param name="samples">What both are run on; they belong to the caller.</param>
    public AgreementMeasure(EdgeModel reference, SampleSet samples)
    {
        (this.reference, this.samples) = (reference, samples);
        Agreement kind = Agreement.For(reference);
        name = kind.Strict is not null ? $"{kind.OfFew.Name}; less a fifth of what AP@[.5:.95] loses where that is more" : kind.Name;
    }

    public override string Name => name;

    /// <summary>Where there is nothing to find, all models agree, and nobody should take that for a proof.</summary>
    public override string Set => findsNothing ? $"{samples.Description}, in which the float model finds nothing: give samples that it finds something in" : samples.Description;

    public override int Samples => samples.Count;

    public override double FloatValue => 1;

    public override double Resolution => resolution;

    public override double Measure(Graph candidate, CancellationToken stop)
    {
        Agreement agreement = Agreement.For(reference);
        Run(candidate, agreement, samples.Count, stop);
        (findsNothing, resolution) = (agreement.FoundNothing, agreement.Resolution);
        return ValueOf(agreement);
    }

    public override double? Distance(Graph candidate, CancellationToken stop)
    {
        Agreement agreement = Agreement.For(reference);
        if (agreement is not DetectionAgreement) return null;
        Run(candidate, agreement, Math.Min(samples.Count, DistanceSamples), stop);
        return agreement.Distance;
    }

    /// <summary>Runs a candidate on so many of the samples, evenly spread.</summary>
    private void Run(Graph candidate, Agreement agreement, int count, CancellationToken stop)
    {
        using var other = new InferenceSession(candidate, OnCpu);
        var expected = new TensorView[candidate.Outputs.Count];
        var actual = new TensorView[candidate.Outputs.Count];
        for (int n = 0; n < count; n++)
        {
            int i = (int)((long)n * samples.Count / count);
            stop.ThrowIfCancellationRequested();
            Tensor[] inputs = samples.Inputs(i);
            other.Run(Array.ConvertAll(inputs, t => t.View));
            Expect(i, inputs, expected);
            for (int o = 0; o < actual.Length; o++) actual[o] = other.Output(o);
            agreement.Add(expected, actual);
            foreach (Tensor input in inputs) input.Dispose();
        }
    }

    public override void Dispose()
    {
        session?.Dispose();
        foreach (Tensor tensor in kept.SelectMany(t => t)) tensor.Dispose();
    }

    /// <summary>Boxes that are found, but elsewhere, count too: the strict measure may lose five times as much as the other.</summary>
    private static double ValueOf(Agreement agreement) => agreement.OfFew is { Strict: { } strict } few ? Math.Min(few.Value, 1 - (1 - strict) / 5) : agreement.OfFew.Value;

    /// <summary>The results of the float model for a sample.</summary>
    private void Expect(int index, Tensor[] inputs, TensorView[] expected)
    {
        if (index < kept.Count)
        {
            for (int o = 0; o < expected.Length; o++) expected[o] = kept[index][o].View;
            return;
        }
        session ??= new InferenceSession(reference.Graph, OnCpu);
        session.Run(Array.ConvertAll(inputs, t => t.View));
        for (int o = 0; o < expected.Length; o++) expected[o] = session.Output(o);
        if (index != kept.Count || keptBytes > MostKeptBytes) return;
        var copies = new Tensor[expected.Length];
        for (int o = 0; o < copies.Length; o++)
        {
            copies[o] = new Tensor(new TensorType(expected[o].DataType, expected[o].Shape));
            expected[o].Bytes.CopyTo(copies[o].View.Bytes);
            keptBytes += copies[o].Type.ByteCount;
        }
        kept.Add(copies);
    }
}
