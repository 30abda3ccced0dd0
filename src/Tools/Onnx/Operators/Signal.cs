using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Spectra and windows.</summary>
internal static class Signal
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
        ("DFT", Dft),
        ("STFT", n => [n.Add1(new Stft { OneSided = n.Attributes.Bool("onesided", true) }, n.Input(0), n.Input(1), n.Optional(2), n.Optional(3))]),
        ("HannWindow", n => Window(n, SignalWindowFunction.Hann)),
        ("HammingWindow", n => Window(n, SignalWindowFunction.Hamming)),
        ("BlackmanWindow", n => Window(n, SignalWindowFunction.Blackman)),
        ("MelWeightMatrix", n => [n.Add1(new MelWeights { To = n.Attributes.DataType("output_datatype", DataType.F32) }, n.AllInputs())]),
    ];

    private static Value[] Dft(OnnxNode node)
    {
        var dft = new Dft { Inverse = node.Attributes.Bool("inverse", false), OneSided = node.Attributes.Bool("onesided", false) };
        // Since opset 20 the axis is an input.
        double axis = node.Version < 20 ? node.Attributes.Int("axis", 1) : node.Number(node.Optional(2), -2);
        dft.Axis = checked((int)axis);
        if (dft is { Inverse: true, OneSided: true }) throw node.Problem("the inverse of a one-sided spectrum is not supported");
        return [node.Add1(dft, node.Input(0), node.Optional(1))];
    }

    private static Value[] Window(OnnxNode node, SignalWindowFunction function)
    {
        var window = new SignalWindow
        {
            Function = function,
            Periodic = node.Attributes.Bool("periodic", true),
            To = node.Attributes.DataType("output_datatype", DataType.F32),
        };
        return [node.Add1(window, node.Input(0))];
    }
}
